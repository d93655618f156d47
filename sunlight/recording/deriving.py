"""From all records of one subject to its contract events: first, last, each, otherwise.

Decided over the whole recording of the subject, so that the order in the file changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sunlight.recording.faults import UnusableError
from sunlight.recording.kinds import Kind, Record, Window, to_micros
from sunlight.recording.mapping import EventRule, RecordingMapping
from sunlight.recording.reading import ABSENT, Context, read, read_data
from sunlight.recording.ready_rule import ReadyRule, memorable


class Draft(NamedTuple):
    """A contract event before it has its sequence. Sorts as it is to be emitted."""

    recorded: int
    time: int
    rank: int
    order: int
    type: str
    position: str
    data: dict[str, Any]
    envelope: dict[str, Any] | None = None


RejectRecord = Callable[[Record, UnusableError], None]
_Slot = tuple[int, str, str]
"""What a first or a last is chosen for: kind, rule, and the key of a member of a list."""


class _Candidate(NamedTuple):
    """An event that a record would make if it is the one the rule wants."""

    slot: _Slot
    pick: str
    draft: Draft


class Deriver:
    """Applies the event rules of a mapping to one subject at a time."""

    def __init__(
        self, mapping: RecordingMapping, kinds: Sequence[Kind], window: Window, marks: Counter[str]
    ) -> None:
        self._kinds = kinds
        self._window = window
        self._zone = ZoneInfo(mapping.zone)
        self._marks = marks
        self._rules = [
            [ReadyRule(rule, index) for index, rule in enumerate(kind.spec.events)]
            for kind in kinds
        ]
        self._otherwise = [
            ReadyRule(kind.spec.otherwise, None) if kind.spec.otherwise else None for kind in kinds
        ]
        self._applied: dict[tuple[int, str | None], list[ReadyRule]] = {}

    def drafts(
        self,
        subject: str,
        records: list[Record],
        attributes: Sequence[dict[str, str]],
        reject: RejectRecord,
    ) -> tuple[int, list[Draft]]:
        """How many records are accepted, and the events of the subject.

        Records that break a contract, or that the mapping does not know, are given to `reject`.
        """
        usable: list[tuple[Record, str, list[_Candidate]]] = []
        for record, position in positions(records):
            try:
                usable.append((record, position, self._candidates(subject, record, position)))
            except UnusableError as error:
                reject(record, error)
        chosen = _choose(usable)
        accepted: list[Record] = []
        made: list[Draft] = []
        for record, position, found in usable:
            try:
                made += self._of_record(subject, record, position, found, chosen)
                accepted.append(record)
            except UnusableError as error:
                reject(record, error)
        if accepted:
            made += self._of_attributes(subject, accepted, attributes, chosen)
        return len(accepted), made

    def _applying(self, kind: int, activity: str | None) -> list[ReadyRule]:
        """The rules that look at a record of this kind and activity."""
        known = self._applied.get((kind, activity))
        if known is None:
            known = [ready for ready in self._rules[kind] if ready.applies(activity)]
            if memorable(activity, self._applied):
                self._applied[kind, activity] = known
        return known

    def _candidates(self, subject: str, record: Record, position: str) -> list[_Candidate]:
        found: list[_Candidate] = []
        for ready in self._applying(record.kind, record.activity):
            for key, fields in ready.parts(record.fields):
                place = f"{position}/{ready.name}{key}"
                draft = self._event(ready, subject, record, fields, place)
                if draft is not None:
                    slot = (record.kind, ready.name, key)
                    found.append(_Candidate(slot, ready.rule.pick, draft))
        return found

    def _of_record(
        self,
        subject: str,
        record: Record,
        position: str,
        found: list[_Candidate],
        chosen: dict[_Slot, Record],
    ) -> list[Draft]:
        made = [
            candidate.draft
            for candidate in found
            if candidate.pick == "each" or chosen[candidate.slot] is record
        ]
        otherwise = self._otherwise[record.kind]
        if not made and otherwise is not None:
            place = f"{position}/{otherwise.name}"
            draft = self._event(otherwise, subject, record, record.fields, place)
            made = [draft] if draft is not None else []
        if not made and not found:
            raise UnusableError("unmapped", "", "the mapping makes no event of this record")
        return made

    def _event(
        self, ready: ReadyRule, subject: str, record: Record, fields: Any, position: str
    ) -> Draft | None:
        rule = ready.rule
        data = ready.known(record.activity)
        if data is None:
            context = Context(subject, record.activity, self._zone, self._mark)
            time = record.time
            if rule.time is not None:
                found = self._time(rule, fields, context)
                if found is None:
                    return None
                time = found
            data = ready.data(fields, context)
            if data is None:
                return None
            recorded = max(time, record.recorded)
        else:
            time, recorded = record.time, record.recorded
        return Draft(recorded, time, ready.rank, record.order, rule.type, position, data)

    def _time(self, rule: EventRule, fields: Any, context: Context) -> int | None:
        spec = rule.time
        if spec is None or (found := read(fields, spec, context)) is ABSENT:
            return None
        name = "/".join(spec.field or ())
        try:
            return self._window.check(to_micros(found), name, day=spec.convert == "day")
        except UnusableError as error:
            if not spec.omit:
                raise
            self._mark(name, str(error))
            return None

    def _of_attributes(
        self,
        subject: str,
        records: Sequence[Record],
        attributes: Sequence[dict[str, str]],
        chosen: dict[_Slot, Record],
    ) -> list[Draft]:
        """Events from attributes of the case: alone, or where no record made them."""
        made: list[Draft] = []
        for kind in self._kinds:
            for ready in self._rules[kind.index]:
                rule = ready.rule
                if rule.attribute is None or (kind.index, ready.name, "") in chosen:
                    continue
                said = sorted(
                    {one[rule.attribute] for one in attributes if one.get(rule.attribute)}
                )
                if not said:
                    continue
                time = self._attribute_time(kind, rule.attribute, said[0])
                context = Context(subject, None, self._zone, self._mark)
                data = read_data({}, rule.data, context) if time is not None else None
                if time is None or data is None:
                    continue
                position = f"attribute {rule.attribute}/{ready.name}"
                order = min(record.order for record in records)
                made.append(Draft(time, time, ready.rank, order, rule.type, position, data))
        return made

    def _attribute_time(self, kind: Kind, name: str, text: str) -> int | None:
        spec = kind.spec.time.model_copy(update={"field": (name,)})
        try:
            return kind.instant({name: text}, spec)
        except UnusableError as error:
            self._mark(name, str(error))
            return None

    def _mark(self, field: str, reason: str) -> None:
        self._marks[field] += 1


def positions(records: Sequence[Record]) -> Iterator[tuple[Record, str]]:
    """Each record with what its ids are made of: its own id, else its content and how manieth.

    The place in the file would change with the file; equal-looking records stay different.
    """
    seen: Counter[bytes] = Counter()
    for record in records:
        if record.own_id is not None:
            yield record, record.own_id
        else:
            seen[record.digest] += 1
            yield record, f"{record.digest.hex()}#{seen[record.digest]}"


def _choose(usable: Sequence[tuple[Record, str, list[_Candidate]]]) -> dict[_Slot, Record]:
    """The record that makes each event of which only the first or the last is wanted."""
    chosen: dict[_Slot, tuple[tuple[int, int, bytes, int], Record]] = {}
    for record, _, found in usable:
        if not found:
            continue
        # Equal times are told apart by content, so that the order in the file does not matter.
        place = (record.time, record.recorded, record.digest, record.order)
        for candidate in found:
            held = chosen.get(candidate.slot)
            if held is None or (place < held[0]) == (candidate.pick == "first"):
                chosen[candidate.slot] = (place, record)
    return {slot: record for slot, (_, record) in chosen.items()}
