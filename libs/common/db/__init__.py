"""PostgreSQL for every service: the embedded server, connections, bulk writes, migrations.

Must never hold a query of a service.
"""
