"""The names that approval's organisation and catalogue give to codes.

Must never grant anything: the migration runner does.
"""

from libs.common.db.migrations import script
from libs.common.directory.projection import DIRECTORY_SQL

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the projection; it fills from the events that are read from now on."""
    script(DIRECTORY_SQL)
