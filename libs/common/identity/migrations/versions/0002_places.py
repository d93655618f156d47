"""Where posts stand, as the organisation tells it; and how far that has been read.

Must never grant anything: the migration runner does.
"""

from libs.common.bus.tables import CONSUMER_SQL
from libs.common.db.migrations import script
from libs.common.directory.places import PLACES_SQL

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the projection; it fills from the events that are read from now on."""
    script(PLACES_SQL + CONSUMER_SQL)
