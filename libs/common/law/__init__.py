"""The law: rule packs as data, and the pure clock that every service shares.

Approval prints due dates with it, services refuse commands by its guards, the monitor watches the
same rules from outside. Nothing here knows a database, a bus or what time it is now.
"""
