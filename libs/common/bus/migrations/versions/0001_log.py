"""The embedded bus: heads, the log and the progress of consumers."""

from libs.common.bus.protocol import PARTITIONS
from libs.common.bus.tables import LOG_SQL
from libs.common.db.migrations import script
from libs.common.events.registry import TOPICS

revision = "0001"
down_revision = None

HEADS_SQL = "".join(
    f"INSERT INTO head SELECT '{topic}', generate_series(0, {PARTITIONS - 1});\n"
    for topic in TOPICS
)


def upgrade() -> None:
    script(LOG_SQL + HEADS_SQL)
