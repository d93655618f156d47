"""A subject that can't be judged is set aside without an event: a reason of its own.

Events that wait for an earlier number are looked at each second: an index of their own.

Must never grant anything: the migration runner does.
"""

from libs.common.db.migrations import script

revision = "0003"
down_revision = "0002"  # the audit table of `sunlight parked`

UNJUDGED_SQL = """
ALTER TABLE parked DROP CONSTRAINT parked_reason_check;
ALTER TABLE parked ADD CONSTRAINT parked_reason_check
    CHECK (reason IN ('poison', 'conflict', 'behind', 'gap', 'unjudged'));
CREATE INDEX parked_gap ON parked (subject, topic, sequence)
    WHERE reason = 'gap' AND dropped_at IS NULL;
"""


def upgrade() -> None:
    script(UNJUDGED_SQL)
