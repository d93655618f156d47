"""The office's answer beside its overdue facts, decided months, and tombstones of records."""

from libs.common.db.migrations import script

revision = "0003"
down_revision = "0002"

ANSWER_SQL = """
ALTER TABLE overdue
    ADD COLUMN public_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    ADD COLUMN about text,
    ADD COLUMN over integer CHECK (over >= 0),
    ADD COLUMN unit text,
    ADD COLUMN paused boolean,
    ADD COLUMN handling text,
    ADD COLUMN opens_at timestamptz,
    ADD COLUMN claim text,
    ADD COLUMN cause text,
    ADD COLUMN statement text,
    ADD COLUMN answered_at timestamptz,
    ADD COLUMN waived_for text,
    DROP CONSTRAINT overdue_state_check,
    ADD CONSTRAINT overdue_state_check
        CHECK (state IN ('standing', 'finished', 'closed', 'rescinded')),
    ADD CONSTRAINT overdue_withdrawn
        CHECK (state <> 'rescinded' OR (statement IS NULL AND opens_at IS NULL));
CREATE INDEX overdue_changed ON overdue (changed_at);
CREATE INDEX overdue_open ON overdue (opens_at, public_id);
CREATE TABLE decision (
    about text PRIMARY KEY,
    month date NOT NULL CHECK (extract(day FROM month) = 1)
);
CREATE INDEX decision_month ON decision (month);
"""

TOMBSTONE_SQL = """
ALTER TABLE record
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN withdrawal_ground text,
    ADD COLUMN withdrawal_reason text,
    ADD CONSTRAINT record_tombstone CHECK (
        (withdrawn_at IS NULL) = (withdrawal_ground IS NULL)
        AND (withdrawn_at IS NULL) = (withdrawal_reason IS NULL)
        AND (withdrawn_at IS NULL OR facts = '{}'));
CREATE INDEX record_withdrawn ON record (withdrawn_at) WHERE withdrawn_at IS NOT NULL;
"""


def upgrade() -> None:
    """Add columns, and the table of decided months."""
    script(ANSWER_SQL + TOMBSTONE_SQL)
