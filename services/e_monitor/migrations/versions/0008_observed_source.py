"""Whose event an observation is, so that a subject folded anew is judged as at first.

Must never grant anything: the migration runner does.
"""

from libs.common.db.migrations import script

revision = "0008"
down_revision = "0007"

# Null for what was observed before: nobody can say any more whose it was.
SOURCE_SQL = "ALTER TABLE observation ADD COLUMN source text"


def upgrade() -> None:
    script(SOURCE_SQL)
