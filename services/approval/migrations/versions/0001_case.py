"""Cases, audit, idempotency keys, and the tables of the bus.

Additive from here on. Must never grant anything: the migration runner does.
"""

from libs.common.bus.tables import CONSUMER_SQL, PRODUCER_SQL
from libs.common.db.audit import AUDIT_SQL
from libs.common.db.migrations import script
from libs.common.web.idempotency_store import IDEMPOTENCY_SQL

revision = "0001"
down_revision = None

CASE_SQL = """
CREATE SEQUENCE case_number;
CREATE TABLE "case" (
    case_no varchar PRIMARY KEY,
    region varchar NOT NULL,
    office varchar NOT NULL,
    item_code varchar NOT NULL,
    item_type varchar NOT NULL,
    state text NOT NULL CHECK (state IN (
        'received', 'supplementing', 'accepted', 'paused', 'decided', 'delivered',
        'refused', 'withdrawn', 'closed')),
    version integer NOT NULL CHECK (version > 0),
    received_at timestamptz NOT NULL,
    accepted_at timestamptz,
    decided_at timestamptz,
    last_event_at timestamptz NOT NULL,
    receipt_no varchar,
    due_at timestamptz,
    deadlines jsonb NOT NULL,
    history jsonb NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX case_of_office ON "case" (office, case_no);
CREATE INDEX case_due ON "case" (office, due_at) WHERE due_at IS NOT NULL;
"""


def upgrade() -> None:
    """Create everything."""
    script(CASE_SQL + AUDIT_SQL + IDEMPOTENCY_SQL + PRODUCER_SQL + CONSUMER_SQL)
