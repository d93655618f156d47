"""What a correction changed, in words: before and after, for the history of a case.

Must never show the reason in words: that is in the audit alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from libs.common.law.correction import CORRECTIONS, right_values, righted_history
from services.approval.pages.paper import Words

_NAMED: Final = {
    "item_type": "item_type",
    "channel": "channel",
    "immediate": "yes_no",
    "delivers_document": "yes_no",
    "limit_set_by_law": "yes_no",
}
_PLAIN: Final = ("item_code", "item_version", *_NAMED)
_LIMITS: Final = ("promised", "statutory")


def before_and_after(history: Sequence[Sequence[Any]], place: int, say: Words) -> str | None:
    """What the event at `place` (from 1) of a case's history changed; None: it corrects nothing."""
    kind, _, told = history[place - 1]
    if kind not in CORRECTIONS:
        return None
    before = righted_history(history[: place - 1])[0][2]
    right = right_values(kind, told)
    after = {**before, **right}
    changes = [
        say.text("correction.change", name=name, before=old, after=new)
        for name, old, new in (
            *_plain(before, after, right, say),
            *_limits(before, after, right, say),
        )
    ]
    changes.append(say.named("reason_code", told.get("reason_code")))
    return say.text("correction.listed").join(changes)


def _plain(
    before: Mapping[str, Any], after: Mapping[str, Any], right: Mapping[str, Any], say: Words
) -> Iterator[tuple[str, str, str]]:
    for name in _PLAIN:
        if name in right:
            old, new = (_value(name, facts.get(name), say) for facts in (before, after))
            yield say.text(f"field.{name}"), old, new


def _limits(
    before: Mapping[str, Any], after: Mapping[str, Any], right: Mapping[str, Any], say: Words
) -> Iterator[tuple[str, str, str]]:
    for kind in _LIMITS:
        if right.keys() & {f"{kind}_limit", f"{kind}_unit"}:
            old, new = (_limit(kind, facts, say) for facts in (before, after))
            yield say.text(f"field.{kind}_limit"), old, new


def _value(name: str, value: Any, say: Words) -> str:
    if value is None:
        return say.text("correction.nothing")
    group = _NAMED.get(name)
    return (
        say.named(group, str(value).lower() if group == "yes_no" else value)
        if group
        else str(value)
    )


def _limit(kind: str, facts: Mapping[str, Any], say: Words) -> str:
    length = facts.get(f"{kind}_limit")
    if length is None:
        return say.text("correction.nothing")
    return f"{length} {say.named('unit', facts.get(f'{kind}_unit'))}"
