"""The service's tables live in a registry of their own, so that another service's never mix in.

Must never name a schema: the connection's search path decides.
"""

from typing import Final

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from libs.common.web.idempotency_store import idempotency_table


class Table(SQLModel, registry=registry()):
    """Base of every table of this service. Rows come from code, never straight from a request."""


METADATA: Final = Table.metadata
IDEMPOTENCY_KEYS: Final = idempotency_table(METADATA)
