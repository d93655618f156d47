"""From all records of one subject to its contract events: first, last, each, otherwise.

Decided over the whole recording of the subject, so that the order in the file changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.events import RANKS, ContractError, check_data
from sunlight.recording.faults import UnusableError
from sunlight.recording.kinds import Kind, Record, Window, to_micros
from sunlight.recording.mapping import EventRule, RecordingMapping
from sunlight.recording.reading import ABSENT, Context, at, members, read, read_data


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
_Slot = tuple[int, int, str]
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
        self._rules = [list(enumerate(kind.spec.events)) for kind in kinds]

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
        usable: list[tuple[Record, str, Context, list[_Candidate]]] = []
        for record, position in positions(records):
            context = Context(subject, record.activity, self._zone, self._mark)
            try:
                usable.append(
                    (record, position, context, self._candidates(record, position, context))
                )
            except UnusableError as error:
                reject(record, error)
        chosen = _choose([(record, found) for record, _, _, found in usable])
        accepted: list[Record] = []
        made: list[Draft] = []
        for record, position, context, found in usable:
            try:
                made += self._of_record(record, position, context, found, chosen)
                accepted.append(record)
            except UnusableError as error:
                reject(record, error)
        if accepted:
            made += self._of_attributes(subject, accepted, attributes, chosen)
        return len(accepted), made

    def _candidates(self, record: Record, position: str, context: Context) -> list[_Candidate]:
        found: list[_Candidate] = []
        for index, rule in self._rules[record.kind]:
            if rule.only_attribute or (rule.activity and record.activity not in rule.activity):
                continue
            for key, fields in _parts(rule, record):
                place = f"{position}/{index}{key}"
                draft = self._event(rule, record, fields, place, context)
                if draft is not None:
                    found.append(_Candidate((record.kind, index, key), rule.pick, draft))
        return found

    def _of_record(
        self,
        record: Record,
        position: str,
        context: Context,
        found: list[_Candidate],
        chosen: dict[_Slot, Record],
    ) -> list[Draft]:
        made = [
            candidate.draft
            for candidate in found
            if candidate.pick == "each" or chosen[candidate.slot] is record
        ]
        otherwise = self._kinds[record.kind].spec.otherwise
        if not made and otherwise is not None:
            draft = self._event(otherwise, record, record.fields, f"{position}/-", context)
            made = [draft] if draft is not None else []
        if not made and not found:
            raise UnusableError("unmapped", "", "the mapping makes no event of this record")
        return made

    def _event(
        self, rule: EventRule, record: Record, fields: Any, position: str, context: Context
    ) -> Draft | None:
        time = record.time
        if rule.time is not None:
            found = self._time(rule, fields, context)
            if found is None:
                return None
            time = found
        data = read_data(fields, rule.data, context)
        if data is None:
            return None
        _hold(rule.type, data)
        recorded = max(time, record.recorded)
        return Draft(recorded, time, RANKS[rule.type], record.order, rule.type, position, data)

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
            for index, rule in self._rules[kind.index]:
                if rule.attribute is None or (kind.index, index, "") in chosen:
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
                position = f"attribute {rule.attribute}/{index}"
                order = min(record.order for record in records)
                rank = RANKS[rule.type]
                made.append(Draft(time, time, rank, order, rule.type, position, data))
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


def _choose(usable: Sequence[tuple[Record, list[_Candidate]]]) -> dict[_Slot, Record]:
    """The record that makes each event of which only the first or the last is wanted."""
    chosen: dict[_Slot, tuple[tuple[int, int, bytes, int], Record]] = {}
    for record, found in usable:
        # Equal times are told apart by content, so that the order in the file does not matter.
        place = (record.time, record.recorded, record.digest, record.order)
        for candidate in found:
            held = chosen.get(candidate.slot)
            if held is None or (place < held[0]) == (candidate.pick == "first"):
                chosen[candidate.slot] = (place, record)
    return {slot: record for slot, (_, record) in chosen.items()}


def _parts(rule: EventRule, record: Record) -> list[tuple[str, Any]]:
    """What the rule reads: the record, or each member of its list with its key."""
    if not rule.each:
        return [("", record.fields)]
    parts: list[tuple[str, Any]] = []
    for number, member in members(record.fields, rule.each):
        found = at(member, rule.key) if rule.key else None
        known = isinstance(found, str | int) and found != ""
        parts.append((f"/{found}" if known else f"/#{number}", member))
    return parts


def _hold(event_type: str, data: dict[str, Any]) -> None:
    try:
        check_data(event_type, data)
    except ContractError as error:
        field = str(error).partition("data/")[2].partition(":")[0]
        raise UnusableError("contract", field, str(error)) from error
