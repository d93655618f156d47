"""Files of the organisation and of items, as records for the approval service.

Must never decide whether a record is right: the service does, the same for a file and a request.
"""
