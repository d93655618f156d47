"""A consumer that keeps a projection of the organisation and of nothing else.

For what reads approval's topic for the directory alone; a service that reads it anyway hears in
its own handler. Must never keep a row for an application: only `SUBJECTS` are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from libs.common.bus.batch import Horizons, Number
from libs.common.bus.protocol import TopicPartition
from libs.common.bus.subjects import Subject
from libs.common.db.engine import Connection, Pool
from libs.common.events import Event

SUBJECTS: Final = ("body/", "post/", "item/")
"""How the subjects begin that the organisation and the catalogue of items tell of."""


class Hearing(Protocol):
    """What one batch tells, and how it is written."""

    def hear(self, event: Event) -> None: ...

    async def write(self, connection: Connection) -> None: ...


@dataclass(frozen=True, slots=True)
class HeardEffects:
    """The effects of one batch: what was heard."""

    heard: Hearing

    def apply(self, subject: Subject, event: Event, topic: str) -> None:
        """Hear one event."""
        self.heard.hear(event)

    async def known_ids(
        self, connection: Connection, numbers: Sequence[Number]
    ) -> Mapping[Number, str]:
        """None is kept: a number that comes again is taken for the event that it was."""
        return {}

    async def write(self, connection: Connection, subjects: Mapping[str, Subject]) -> None:
        """Write what was heard."""
        await self.heard.write(connection)


@dataclass(frozen=True, slots=True)
class Listener:
    """The handler; `heard` begins a batch."""

    heard: Callable[[], Hearing]
    topics: Sequence[str] = ("approval",)

    def wants(self, subject: str) -> bool:
        """Whether the directory has anything of it."""
        return subject.startswith(SUBJECTS)

    def begin(self, horizons: Horizons) -> HeardEffects:
        """Start a batch."""
        return HeardEffects(self.heard())

    async def sweep(self, pool: Pool, held: frozenset[TopicPartition]) -> None:
        """Nothing is due with time."""
