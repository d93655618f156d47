"""Reminders before a limit ends: notices of their own, since no finding tells of them.

Must never grant anything: the migration runner does.
"""

from libs.common.db.migrations import script

revision = "0005"
down_revision = "0004"

# `clock` is derived from rule, subject and occurrence, as the id of the finding would be that
# stands on the clock; the receipts are in `notice_receipt`, with the stage `remind`.
REMINDER_SQL = """
CREATE TABLE reminder (
    clock uuid PRIMARY KEY,
    rule text NOT NULL,
    subject text NOT NULL,
    occurrence integer NOT NULL,
    region text,
    department text,
    at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    reason text
);
CREATE INDEX reminder_of_department ON reminder (department, at DESC);
"""


def upgrade() -> None:
    script(REMINDER_SQL)
