"""Files of the organisation, of items and of tenders, as records for the services that keep them.

Must never decide whether a record is right: the service does, the same for a file and a request.
"""
