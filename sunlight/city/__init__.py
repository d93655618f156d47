"""The made-up city 阳光市 (region 990100, a code no real city has) that a demonstration shows.

Everything in it is invented; it acts only through the services' own commands.
"""
