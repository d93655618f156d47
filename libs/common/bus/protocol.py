"""What every transport offers: producing to partitions, consuming from positions of our own.

Kafka and the embedded log implement it and pass one contract suite. A transport never decides
what was processed: the consumer's position in its own database does.
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol

import orjson

PARTITIONS: Final = 12
"""Fixed when topics are created: a subject has the same partition in every topic."""


class TopicPartition(NamedTuple):
    """One ordered log."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Share:
    """The `index`-th (from 0) of `of` shares of the partitions: disjoint, together all.

    For processes that divide the embedded log between them; Kafka's group protocol does it by
    itself.
    """

    index: int = 0
    of: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.of <= PARTITIONS:
            raise ValueError(f"{self.index} of {self.of} is no share of {PARTITIONS} partitions")

    @classmethod
    def read(cls, text: str) -> Share:
        """A share from `1/2`, counted from 1; ValueError for anything else."""
        index, _, of = text.partition("/")
        return cls(int(index) - 1, int(of))

    def __str__(self) -> str:
        return f"{self.index + 1}/{self.of}"

    def partitions(self) -> range:
        """The numbers of its partitions."""
        return range(self.index, PARTITIONS, self.of)


ALL: Final = Share()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to send; `key` is the subject, None for a control record."""

    topic: str
    partition: int
    key: str | None
    value: bytes


class Incoming(NamedTuple):
    """A record as received."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes


class TopicError(Exception):
    """A topic is not as the platform needs it, or could not be created."""


class OffsetLostError(Exception):
    """Records that a consumer still needed are gone from the log: stop, never skip.

    Alarm `bus_offset_lost`: the partition stays stopped until someone decides what to do.
    """


class Producer(Protocol):
    """Sends records; when `send` returns every one of them is durable, in order per partition."""

    async def start(self) -> None: ...

    async def send(self, records: Sequence[Outgoing]) -> None: ...

    async def stop(self) -> None: ...


Positions = Mapping[TopicPartition, int]
Assigned = Callable[[frozenset[TopicPartition]], Awaitable[Positions]]


class Source(Protocol):
    """Fetches records of the partitions that this process holds.

    `assigned` is called with newly held partitions and answers where to go on.
    """

    async def start(self, topics: Sequence[str], assigned: Assigned) -> None: ...

    async def fetch(self, limit: int, wait: float) -> list[Incoming]:
        """Up to about `limit` records, in order per partition; waits `wait` seconds for one.

        Raises:
            OffsetLostError: a needed record is no longer in the log.
        """
        ...

    async def seek(self, positions: Positions) -> None: ...

    def held(self) -> frozenset[TopicPartition]: ...

    async def report(self, positions: Positions) -> None:
        """Tell the transport how far this consumer is: for lag displays and pruning only."""
        ...

    async def stop(self) -> None: ...


def partition_of(subject: str) -> int:
    """The partition of a subject, the same in every topic and transport."""
    return zlib.crc32(subject.encode()) % PARTITIONS


def horizon_record(topic: str, partition: int, horizon: datetime) -> Outgoing:
    """The control record "this topic is complete to `horizon`"."""
    value = orjson.dumps({"complete_to": horizon}, option=orjson.OPT_UTC_Z)
    return Outgoing(topic, partition, None, value)


def horizon_records(topic: str, horizon: datetime) -> list[Outgoing]:
    """The control record for every partition of a topic."""
    return [horizon_record(topic, partition, horizon) for partition in range(PARTITIONS)]


def read_horizon(value: bytes) -> datetime:
    """The instant of a control record."""
    return datetime.fromisoformat(orjson.loads(value)["complete_to"])
