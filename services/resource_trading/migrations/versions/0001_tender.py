"""Tenders, awards, audit, idempotency keys, and the tables of the bus.

Additive from here on. Must never grant anything: the migration runner does.
"""

from libs.common.bus.tables import CONSUMER_SQL, PRODUCER_SQL
from libs.common.db.audit import AUDIT_SQL
from libs.common.db.migrations import script
from libs.common.web.idempotency_store import IDEMPOTENCY_SQL

revision = "0001"
down_revision = None

TENDER_SQL = """
CREATE TABLE tender (
    ref varchar PRIMARY KEY,
    tender_no varchar NOT NULL,
    lot varchar,
    region varchar NOT NULL,
    office varchar NOT NULL,
    kind varchar NOT NULL,
    mandatory boolean NOT NULL,
    state text NOT NULL CHECK (state IN (
        'published', 'opened', 'evaluated', 'publicised', 'decided', 'notified',
        'contracted', 'terminated')),
    version integer NOT NULL CHECK (version > 0),
    documents_from timestamptz NOT NULL,
    documents_until timestamptz,
    bid_deadline timestamptz NOT NULL,
    estimated_price bigint,
    bid_bond bigint,
    objections jsonb NOT NULL,
    history jsonb NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX ix_tender_region ON tender (region);
CREATE TABLE award (
    ref varchar PRIMARY KEY REFERENCES tender (ref),
    publicity_from timestamptz,
    publicity_until timestamptz,
    candidates jsonb NOT NULL,
    winner varchar,
    award_price bigint,
    decided_at timestamptz,
    notice_at timestamptz,
    reported_at timestamptz,
    signed_at timestamptz,
    contract_price bigint,
    performance_bond bigint,
    refunded_at timestamptz
);
"""


def upgrade() -> None:
    """Create everything."""
    script(TENDER_SQL + AUDIT_SQL + IDEMPOTENCY_SQL + PRODUCER_SQL + CONSUMER_SQL)
