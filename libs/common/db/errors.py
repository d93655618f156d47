"""What can be wrong with a database before any statement runs.

Must never hide which version, folder or setting was refused.
"""


class DatabaseError(RuntimeError):
    """The database can't be used as it is; the message says which part and what to do."""


class FolderRefusedError(DatabaseError):
    """A data folder that this version of the platform must not open."""


class ServerTooOldError(DatabaseError):
    """A PostgreSQL server older than the oldest supported release."""


class StartFailedError(DatabaseError):
    """The embedded server could not be created or started; carries the end of its log."""
