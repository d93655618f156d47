"""Who gave up what of the parked events, on record."""

from libs.common.db.audit import AUDIT_SQL
from libs.common.db.migrations import script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    script(AUDIT_SQL)
