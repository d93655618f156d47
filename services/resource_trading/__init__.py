"""Public-resource trading (公共资源交易): the tender and its award.

Must never import another service.
"""
