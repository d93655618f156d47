"""Records, overdue facts, idempotency keys, and the tables of the bus.

Additive from here on. Must never grant anything: the migration runner does.
"""

from libs.common.bus.tables import CONSUMER_SQL, PRODUCER_SQL
from libs.common.db.migrations import script
from libs.common.web.idempotency_store import IDEMPOTENCY_SQL

revision = "0001"
down_revision = None

RECORD_SQL = """
CREATE TABLE record (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN (
        'tender_notice', 'candidates', 'award', 'contract', 'decision')),
    about varchar NOT NULL,
    sequence integer NOT NULL CHECK (sequence > 0),
    region varchar NOT NULL,
    office varchar NOT NULL,
    regime varchar,
    happened_at timestamptz NOT NULL,
    published_at timestamptz NOT NULL,
    ground varchar NOT NULL,
    facts jsonb NOT NULL,
    UNIQUE (about, sequence)
);
CREATE INDEX record_newest ON record (published_at, id);
CREATE INDEX record_of_kind ON record (kind, published_at, id);
CREATE INDEX record_of_office ON record (office, published_at, id);
"""

OVERDUE_SQL = """
CREATE TABLE overdue (
    finding_id varchar PRIMARY KEY,
    rule varchar NOT NULL,
    matter text NOT NULL CHECK (matter IN ('approval', 'trading')),
    region varchar NOT NULL,
    office varchar NOT NULL,
    occurred_at timestamptz NOT NULL,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    state text NOT NULL CHECK (state IN ('standing', 'closed', 'rescinded')),
    changed_at timestamptz NOT NULL
);
CREATE INDEX overdue_standing ON overdue (office) WHERE state = 'standing';
CREATE INDEX overdue_of_month ON overdue (month, office);
CREATE TABLE office_month (
    matter text,
    region varchar,
    office varchar,
    month date CHECK (extract(day FROM month) = 1),
    handled integer NOT NULL,
    PRIMARY KEY (matter, region, office, month)
);
CREATE INDEX office_month_month ON office_month (month);
"""


def upgrade() -> None:
    """Create everything."""
    script(RECORD_SQL + OVERDUE_SQL + IDEMPOTENCY_SQL + PRODUCER_SQL + CONSUMER_SQL)
