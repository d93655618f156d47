"""The monitor's own handler, and beside it a row for every effect it has had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from libs.common.bus.batch import Horizons, Number
from libs.common.bus.protocol import TopicPartition
from libs.common.bus.subjects import Subject
from libs.common.db.bulk import copy_records
from libs.common.db.engine import Connection, Pool
from libs.common.events import Event
from libs.common.law.fold import Fold
from libs.common.law.installed import named_calendar
from libs.common.law.pack import load
from services.e_monitor.clock.handlers import TOPICS, MonitorEffects, MonitorHandler

PACK: Final = Path(__file__).parent / "pack.yaml"


def law() -> Fold:
    """The one rule of these tests, on the State Council's calendar."""
    return Fold(load([PACK]), named_calendar("cn"), ZoneInfo("Asia/Shanghai"), {})


@dataclass
class WitnessedEffects:
    """The monitor's effects, and a row in `effect` for each event that had one."""

    inner: MonitorEffects
    rows: list[tuple[str, str, int, str]] = field(default_factory=list)

    def apply(self, subject: Subject, event: Event, topic: str) -> None:
        """Fold, and note it."""
        self.inner.apply(subject, event, topic)
        self.rows.append((event.subject, topic, event.sequence, event.id))

    async def known_ids(
        self, connection: Connection, numbers: Sequence[Number]
    ) -> Mapping[Number, str]:
        """As the monitor knows them."""
        return await self.inner.known_ids(connection, numbers)

    async def write(self, connection: Connection, subjects: Mapping[str, Subject]) -> None:
        """Write both."""
        await self.inner.write(connection, subjects)
        columns = ("subject", "topic", "sequence", "id")
        await copy_records(connection, "effect", columns, self.rows)


class WitnessedMonitor:
    """The monitor as it runs, watched."""

    topics: Sequence[str] = TOPICS

    def __init__(self) -> None:
        self.inner = MonitorHandler(law())

    def begin(self, horizons: Horizons) -> WitnessedEffects:
        """Start a batch."""
        return WitnessedEffects(self.inner.begin(horizons))

    async def sweep(self, pool: Pool, held: frozenset[TopicPartition]) -> None:
        """Fire the timers."""
        await self.inner.sweep(pool, held)
