"""Corrections (更正): a wrong entry is judged as if the right values had been said in its place.

A correction names the event that was wrong by its sequence, and gives the right values. It counts
from the moment it is known, whatever order events arrive in. Pure. Must never change what was
recorded, nor when it happened: only what it is taken to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from libs.common.events.contracts.approval import CaseCorrected
from libs.common.events.envelope import Event
from libs.common.law.effects import fields_of

CORRECTIONS: Final = frozenset({CaseCorrected.event_type})
"""Event types that correct an earlier event of their own subject and noun."""
_ABOUT_ITSELF: Final = frozenset({"corrects", "reason_code", "removed"})
Right = Mapping[str, Any]
"""Field → its right value; None where nothing should have been said."""


def corrections_of(events: Iterable[Event]) -> dict[str, Right]:
    """What the corrections among `events`, in their own order, say of which event (`place`).

    Of two corrections of one field the later one counts.
    """
    found: dict[str, Right] = {}
    for event in events:
        if event.type in CORRECTIONS:
            where = _place(event.type, event.data["corrects"])
            found[where] = {**found.get(where, {}), **right_values(event.type, event.data)}
    return found


def right_values(kind: str, data: Mapping[str, Any]) -> Right:
    """What a correction of type `kind` says: the right values, None for a field it removes."""
    own = fields_of(kind) - _ABOUT_ITSELF
    removed = {name: None for name in data.get("removed", ()) if name in own}
    said = {name: data[name] for name in own if data.get(name) is not None}
    return {**removed, **said}


def righted(event: Event, corrections: Mapping[str, Right]) -> Event | None:
    """The event as it should have been said; None for a correction, which says nothing itself."""
    if event.type in CORRECTIONS:
        return None
    right = corrections.get(_place(event.type, event.sequence))
    return event if right is None else event._replace(data=_right(event.type, event.data, right))


def righted_history(history: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """A subject's history ([type, microseconds, data] each, numbered from 1) as it should have
    been said, corrections left out. The history itself where there is none."""
    if not any(kind in CORRECTIONS for kind, _, _ in history):
        return history
    right: dict[int, Right] = {}
    for kind, _, data in history:
        if kind in CORRECTIONS:
            number = data["corrects"]
            right[number] = {**right.get(number, {}), **right_values(kind, data)}
    return [
        [kind, at, _right(kind, data, right.get(number, {}))]
        for number, (kind, at, data) in enumerate(history, start=1)
        if kind not in CORRECTIONS
    ]


def _right(kind: str, data: Mapping[str, Any], right: Right) -> dict[str, Any]:
    own = fields_of(kind)
    merged = {**data, **{name: value for name, value in right.items() if name in own}}
    return {name: value for name, value in merged.items() if name not in right or value is not None}


def _place(kind: str, sequence: int) -> str:
    # One subject may have events of several owners, and each numbers its own.
    return f"{kind.rsplit('.', 2)[0]}/{sequence}"
