"""Ids of applied events, so that a conflict is told from a duplicate; who gave up what, on record.

Numbers applied before this revision have no id here: they count as duplicates when they come
again, as they did.
"""

from libs.common.db.audit import AUDIT_SQL
from libs.common.db.migrations import script

revision = "0002"
down_revision = "0001"

APPLIED_SQL = """
CREATE TABLE applied (
    subject text NOT NULL,
    topic text NOT NULL,
    sequence bigint NOT NULL,
    id text NOT NULL,
    applied_at timestamptz NOT NULL,
    PRIMARY KEY (subject, topic, sequence)
);
CREATE INDEX applied_since ON applied (applied_at);
"""


def upgrade() -> None:
    """Create both tables."""
    script(APPLIED_SQL + AUDIT_SQL)
