"""The handling of findings, the inbox of those who handle them, and the keys of their commands.

Must never grant anything: the migration runner does.
"""

from libs.common.db.migrations import script
from libs.common.web.idempotency_store import IDEMPOTENCY_SQL

revision = "0004"
down_revision = "0003"

FOLLOW_UP_SQL = """
ALTER TABLE finding_history ADD COLUMN post text, ADD COLUMN office text, ADD COLUMN note text;
CREATE TABLE follow_up (
    finding uuid PRIMARY KEY,
    answer_by date,
    claim text,
    cause text,
    statement text,
    answered_at timestamptz,
    answered_post text,
    corrected_at timestamptz,
    corrected_post text,
    verified_at timestamptz,
    verified_post text,
    closed_at timestamptz
);
CREATE INDEX finding_at_work ON finding (status, occurred_at, id)
    WHERE status NOT IN ('rescinded', 'waived', 'closed') AND severity IN ('yellow', 'red', 'lead');
"""
# A notice is told from the finding's history; only its receipt is a row of its own.
NOTICE_SQL = """
CREATE TABLE notice_receipt (
    id uuid PRIMARY KEY,
    finding uuid NOT NULL,
    stage text NOT NULL,
    recipient text NOT NULL,
    received_at timestamptz NOT NULL,
    post text NOT NULL,
    office text NOT NULL
);
CREATE INDEX finding_of_department ON finding (department, detected_at DESC)
    WHERE severity IN ('yellow', 'red');
"""


def upgrade() -> None:
    script(FOLLOW_UP_SQL + NOTICE_SQL + IDEMPOTENCY_SQL)
