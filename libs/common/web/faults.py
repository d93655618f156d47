"""Which unhandled errors are worth another try.

A lost or busy database is 503, everything else 500. Must never look at an error's text.
"""

from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

RETRY_CLASSES: Final = ("08", "53", "57")
"""SQLSTATE classes: connection, insufficient resources, operator intervention."""
RETRY_STATES: Final = {"40001", "40P01", "55P03", "25P03", "25P04"}
"""Serialization failure, deadlock, lock not available, idle and transaction time-outs."""


def status_of(error: Exception) -> int:
    """503 if the same request may succeed soon, else 500."""
    return 503 if _passing(error) else 500


def _passing(error: Exception) -> bool:
    if isinstance(error, (ConnectionError, TimeoutError, PoolTimeout, InterfaceError)):
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return True
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    # The driver's own errors come from statements that go past SQLAlchemy.
    told = error.orig if isinstance(error, DBAPIError) else error
    state = str(getattr(told, "sqlstate", "") or "")
    return lost or state in RETRY_STATES or state[:2] in RETRY_CLASSES
