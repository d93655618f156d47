"""The deriving pass over one share of a recording: subjects in, encoded events out.

Shares are derived one after the other or in two processes: nothing here knows of the other.
"""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from sunlight.recording import cloud_events
from sunlight.recording.deriving import Deriver, Draft
from sunlight.recording.external_sort import ExternalSort
from sunlight.recording.faults import Counts, Reject, UnusableError, excerpt
from sunlight.recording.kinds import Record
from sunlight.recording.stencil import Stencil
from sunlight.recording.terms import Terms


@dataclass
class Derived:
    """What one share became.

    `events` has rows of place in the order of publishing (three members), topic, recorded time
    in microseconds, and the encoded event; `rejects` of subject, number, and the marshalled
    fields of a `Reject`. `first` and `last` are microseconds.
    """

    events: ExternalSort
    rejects: ExternalSort
    counts: Counts = field(default_factory=Counts)
    marks: Counter[str] = field(default_factory=Counter)
    subjects: int = 0
    made: int = 0
    first: int | None = None
    last: int | None = None

    def settle(self) -> None:
        """Put what was made on disk, so that another process can have it."""
        self.events.settle()
        self.rejects.settle()

    def reject_rows(self) -> Iterator[tuple[str, int, Reject]]:
        """The rejects by subject, each subject's in the order they were found."""
        for subject, number, payload in self.rejects.rows():
            yield subject, number, Reject(*marshal.loads(payload))  # noqa: S302 - our own bytes


class Derivation:
    """Derives a share as `terms` say; `name` is that of its temporary files."""

    def __init__(self, terms: Terms, name: str) -> None:
        self._terms = terms
        self._mapping = terms.mapping
        self._derived = Derived(
            ExternalSort(terms.workdir, f"events-{name}"),
            ExternalSort(terms.workdir, f"rejects-{name}"),
        )
        self._deriver = Deriver(self._mapping, terms.kinds(), terms.window, self._derived.marks)
        self._own = self._envelope()
        self._stencil = Stencil(self._own)
        self._place: Callable[[Draft], Any] = itemgetter(0, 1, 2, 3)
        if terms.as_stored:
            self._place = lambda draft: (draft.order, draft.rank)

    def _envelope(self) -> dict[str, str | None]:
        mapping = self._mapping
        return {
            "source": mapping.source,
            "regime": mapping.regime,
            "region": self._terms.region,
            "department": mapping.department,
        }

    def run(self, share: ExternalSort, progress: Callable[[int], None]) -> Derived:
        """Derive every subject of the share; `progress` hears how many subjects are done."""
        for subject, group in groupby(share.rows(), key=itemgetter(0)):
            fragments = [marshal.loads(row[2]) for row in group]  # noqa: S302 - our own bytes
            records = self._without_duplicates(fragments)
            if self._mapping.format == "cloudevents":
                accepted, drafts = len(records), [*map(cloud_events.draft_of, records)]
            else:
                attributes = [fragment[0] for fragment in fragments]
                reject = partial(self._reject, subject)
                accepted, drafts = self._deriver.drafts(subject, records, attributes, reject)
            self._accept(accepted, drafts)
            self._emit(subject, drafts)
            progress(self._derived.subjects)
        return self._derived

    def _without_duplicates(self, fragments: list[tuple[Any, ...]]) -> list[Record]:
        """The records of a subject; the same content from a second file counts once.

        Within one file equal-looking records are different ones.
        """
        records = [Record._make(row) for fragment in fragments for row in fragment[1]]
        if len(fragments) == 1 or len({record.file for record in records}) < 2:
            return records
        seen: dict[tuple[bytes, str | None], Counter[int]] = {}
        kept: list[Record] = []
        for record in records:
            by_file = seen.setdefault((record.digest, record.own_id), Counter())
            most = max(by_file.values(), default=0)
            by_file[record.file] += 1
            if by_file[record.file] > most:
                kept.append(record)
            else:
                self._derived.counts.duplicates += 1
        return kept

    def _accept(self, accepted: int, drafts: list[Draft]) -> None:
        derived = self._derived
        derived.counts.accepted += accepted
        derived.subjects += accepted > 0
        if not drafts:
            return
        earliest = min([draft.time for draft in drafts])
        latest = max([draft.time for draft in drafts])
        derived.first = earliest if derived.first is None else min(derived.first, earliest)
        derived.last = latest if derived.last is None else max(derived.last, latest)

    def _emit(self, subject: str, drafts: list[Draft]) -> None:
        drafts.sort(key=self._place)
        sequences: dict[str, int] = {}
        for number, draft in enumerate(drafts):
            topic = self._mapping.topic or cloud_events.topic_of(draft.type)
            sequence = sequences[topic] = sequences.get(topic, 0) + 1
            value = self._stencil_of(draft).encode(subject, draft, sequence)
            first = draft.order if self._terms.as_stored else draft.recorded
            self._derived.events.add((first, subject, number, topic, draft.recorded, value))
        self._derived.made += len(drafts)

    def _stencil_of(self, draft: Draft) -> Stencil:
        return self._stencil if draft.envelope is None else Stencil(draft.envelope)

    def _reject(self, subject: str, record: Record, error: UnusableError) -> None:
        counts = self._derived.counts
        counts.rejected += 1
        place = self._terms.place(record.file, record.number)
        told = self._terms.reject(record.file, place, error, excerpt(record.fields))
        row = (told.file, told.position, told.code, told.field, told.message, told.excerpt)
        self._derived.rejects.add((subject, counts.rejected, marshal.dumps(row)))
