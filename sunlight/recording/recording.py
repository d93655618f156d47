"""A recording: files and a mapping in, contract events out in merged order.

It knows neither bus nor database. Three passes, each with flat memory: read and reject (`intake`);
gather by subject and decide which record is which event (`derivation`), for a long recording in
two processes; merge by recorded time. Nothing is published before the whole recording was read.
"""

from __future__ import annotations

import contextlib
import heapq
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sunlight.recording.apart import Apart
from sunlight.recording.derivation import Derivation, Derived
from sunlight.recording.external_sort import ExternalSort
from sunlight.recording.faults import Counts, RejectLog
from sunlight.recording.intake import STEP, Intake, Progress
from sunlight.recording.kinds import Window, from_micros
from sunlight.recording.mapping import RecordingMapping
from sunlight.recording.terms import Terms, fitting

LONG: Final = 20_000_000
"""Bytes of a recording from which a second process saves more than its own start takes."""
_PACKED: Final = 12
"""How many bytes one byte of a packed recording is, about."""


@dataclass(slots=True)
class EncodedEvent:
    """An event as it goes on the bus: structured CloudEvents JSON."""

    topic: str
    subject: str
    recorded: datetime
    value: bytes


class Recording:
    """Recorded files read under a mapping.

    `counts`, `rejects`, `marks`, `first` and `last` are complete once `prepare` has run, which
    `events` does by itself. `marks` counts, by field, values that were left out of an event
    because they could not be read. `workdir` takes temporary files and must exist.

    Raises:
        RecordingError: a file is not there, or the mapping reads another format.
    """

    def __init__(
        self,
        files: Sequence[Path],
        mapping: RecordingMapping,
        *,
        region: str | None,
        as_stored: bool,
        workdir: Path,
        progress: Progress,
        now: datetime,
    ) -> None:
        paths = tuple(Path(file) for file in files)
        self._terms = Terms(
            files=paths,
            suffixes=tuple(fitting(path, mapping) for path in paths),
            mapping=mapping,
            region=region or mapping.region,
            as_stored=as_stored,
            workdir=workdir,
            window=Window.of(mapping, now),
        )
        self._progress = progress
        self._prepared = False
        self._made = 0
        self._events: list[ExternalSort] = []
        self.counts = Counts()
        self.rejects = RejectLog(workdir)
        self.marks: Counter[str] = Counter()
        self.subjects = 0
        self.first: datetime | None = None
        self.last: datetime | None = None

    def events(self) -> Iterator[EncodedEvent]:
        """The contract events in the order they are to be published; can be taken once."""
        self.prepare()
        for done, row in enumerate(_merged(self._events), start=1):
            _, subject, _, topic, recorded, value = row
            if done % STEP == 0:
                self._progress("merge", done, self._made)
            yield EncodedEvent(topic, subject, from_micros(recorded), value)
        self._progress("merge", self._made, self._made)

    def prepare(self) -> None:
        """Read everything and decide what becomes of it; once.

        Raises:
            RecordingError: a process that the reading needs has died.
        """
        if self._prepared:
            return
        self._prepared = True
        with contextlib.ExitStack() as stack:
            # Started before reading: by the time it is needed it has loaded what it needs.
            apart = stack.enter_context(Apart()) if self._long() else None
            intake = Intake(self._terms, self.counts, self.rejects, self._progress)
            intake.read()
            self._take(self._derived(intake.shares, apart))

    def _long(self) -> bool:
        sizes = (
            path.stat().st_size * (_PACKED if path.name.lower().endswith(".gz") else 1)
            for path in self._terms.files
        )
        return (os.cpu_count() or 1) > 1 and sum(sizes) >= LONG

    def _derived(self, shares: list[ExternalSort], apart: Apart | None) -> list[Derived]:
        if apart is not None:
            apart.give(self._terms, shares.pop())
        done = [self._derive(str(number), share) for number, share in enumerate(shares)]
        return done if apart is None else [*done, apart.take()]

    def _derive(self, name: str, share: ExternalSort) -> Derived:
        def progress(subjects: int) -> None:
            if subjects % STEP == 0:
                self._progress("derive", subjects, None)

        return Derivation(self._terms, name).run(share, progress)

    def _take(self, shares: list[Derived]) -> None:
        for derived in shares:
            self.counts.accepted += derived.counts.accepted
            self.counts.rejected += derived.counts.rejected
            self.counts.duplicates += derived.counts.duplicates
            self.marks += derived.marks
            self.subjects += derived.subjects
            self._made += derived.made
            self._events.append(derived.events)
        firsts = [derived.first for derived in shares if derived.first is not None]
        lasts = [derived.last for derived in shares if derived.last is not None]
        self.first = from_micros(min(firsts)) if firsts else None
        self.last = from_micros(max(lasts)) if lasts else None
        for _, _, reject in heapq.merge(*(derived.reject_rows() for derived in shares)):
            self.rejects.append(reject)


def _merged(sorts: list[ExternalSort]) -> Iterator[tuple[Any, ...]]:
    return heapq.merge(*(sort.rows() for sort in sorts))
