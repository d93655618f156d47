"""What another system tells of its tenders, as it is handed in. Shapes only.

Must never carry a name of a person: bidders and winners are codes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol


class Told(NamedTuple):
    """One contract event that a record tells of. `record` numbers the record, from 0.

    `recorded`: when that system says it wrote it down; equal to `time` where it does not say.
    """

    type: str
    time: datetime
    recorded: datetime
    data: Mapping[str, Any]
    record: int


class History(NamedTuple):
    """What is told of one tender or lot, under the number that the other system gives it."""

    number: str
    lot: str | None
    told: Sequence[Told]


class Reject(NamedTuple):
    """A record that was not taken, in the words of a replay's `rejects.csv`."""

    file: str
    position: str
    code: str
    field: str
    message: str
    excerpt: str


class Fault(NamedTuple):
    """Why what a record tells can't be taken; its place and excerpt are the reader's to add."""

    record: int
    code: str
    field: str
    message: str


@dataclass(slots=True)
class Read:
    """Records as a reader understood them: read = known + rejected + duplicates.

    `places` has file, position and excerpt of each record that tells something, by its number.
    """

    read: int = 0
    duplicates: int = 0
    histories: list[History] = field(default_factory=list)
    places: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)


class Reader(Protocol):
    """Reads records by a named mapping; raises UnknownMapping. The composition gives one."""

    def __call__(self, mapping: str, records: Sequence[Any], now: datetime) -> Read:
        """The records as histories; `now` is the latest believable instant."""
        ...


@dataclass(slots=True)
class Outcome:
    """What an import did: read = accepted + rejected + duplicates.

    An accepted record told something new; `created` and `changed` count tenders, `events` what
    was handed to the bus, `left_out` values, by field, that could not be taken.
    """

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    created: int = 0
    changed: int = 0
    events: int = 0
    rejects: list[Reject] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """The numbers alone, as printed."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "rejected": len(self.rejects),
            "duplicates": self.duplicates,
            "created": self.created,
            "changed": self.changed,
            "events": self.events,
        }
