"""An event rule ready to be applied: what is the same for every record is made once."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any, Final

from libs.common.events import RANKS, ContractError, check_data
from sunlight.recording.faults import UnusableError
from sunlight.recording.mapping import EventRule, Value
from sunlight.recording.reading import Context, at, members, read_data

_ACTIVITIES: Final = 1_000
_ACTIVITY: Final = 200


def memorable(activity: str | None, held: Sized) -> bool:
    """Whether to keep something for an activity: recordings have few and short ones, or harm."""
    return len(held) < _ACTIVITIES and (activity is None or len(activity) <= _ACTIVITY)


class ReadyRule:
    """The rule at `index` of its kind; without one it is what is made otherwise."""

    def __init__(self, rule: EventRule, index: int | None) -> None:
        self.rule = rule
        self.name = "-" if index is None else str(index)
        self.rank = RANKS[rule.type]
        self._each = rule.each
        self._by_activity = rule.time is None and all(map(_by_activity, rule.data.values()))
        self._known: dict[str | None, dict[str, Any]] = {}

    def applies(self, activity: str | None) -> bool:
        """Whether records of this activity may make the event."""
        if self.rule.only_attribute:
            return False
        return not self.rule.activity or activity in self.rule.activity

    def parts(self, fields: dict[str, Any]) -> list[tuple[str, Any]]:
        """What the rule reads: the record, or each member of its list with its key."""
        if not self._each:
            return [("", fields)]
        parts: list[tuple[str, Any]] = []
        for number, member in members(fields, self._each):
            found = at(member, self.rule.key) if self.rule.key else None
            told = isinstance(found, str | int) and found != ""
            parts.append((f"/{found}" if told else f"/#{number}", member))
        return parts

    def known(self, activity: str | None) -> dict[str, Any] | None:
        """The data, where the activity alone decides it and it was made before."""
        return self._known.get(activity)

    def data(self, fields: Any, context: Context) -> dict[str, Any] | None:
        """The data of the event, held against its contract; None when a required one is absent.

        Raises:
            UnusableError: a value cannot be read, or breaks the contract.
        """
        data = read_data(fields, self.rule.data, context)
        if data is None:
            return None
        _hold(self.rule.type, data)
        if self._by_activity and memorable(context.activity, self._known):
            self._known[context.activity] = data
        return data


def _by_activity(spec: Value) -> bool:
    """Whether the value is the same for every record of one activity, and never left out."""
    constant = spec.field is None and spec.each is None and spec.of is None
    return (constant or spec.of == "activity") and not spec.omit


def _hold(event_type: str, data: dict[str, Any]) -> None:
    try:
        check_data(event_type, data)
    except ContractError as error:
        field = str(error).partition("data/")[2].partition(":")[0]
        raise UnusableError("contract", field, str(error)) from error
