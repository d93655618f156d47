"""An office looks through its own findings, newest first, without passing by everyone else's.

Must never grant anything: the migration runner does.
"""

from libs.common.db.migrations import script

revision = "0006"
down_revision = "0005"

INDEX_SQL = """
CREATE INDEX finding_of_office ON finding (department, detected_at DESC, id)
    WHERE status <> 'rescinded';
"""


def upgrade() -> None:
    script(INDEX_SQL)
