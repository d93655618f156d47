"""Three-valued conditions over the facts of a subject.

A missing fact makes a condition undetermined; nothing here ever guesses a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

Facts = Mapping[str, Any]


class Truth(Enum):
    """True, false, or not to be told from the facts there are."""

    YES = "yes"
    NO = "no"
    UNDETERMINED = "undetermined"


_YES: Final[tuple[Truth, tuple[str, ...]]] = (Truth.YES, ())
_OPERATORS: Final = frozenset({"not", "at_least", "at_most"})


def _holds(wanted: Any, value: Any) -> bool | None:
    if isinstance(wanted, dict):
        return _all([_operator(name, bound, value) for name, bound in wanted.items()])
    if isinstance(wanted, list | tuple):
        return value in wanted
    return bool(value == wanted)


def _all(parts: list[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _operator(name: str, bound: Any, value: Any) -> bool | None:
    if name == "not":
        held = _holds(bound, value)
        return None if held is None else not held
    return compare(value, at_least=bound) if name == "at_least" else compare(value, at_most=bound)


def compare(value: Any, *, at_least: Any = None, at_most: Any = None) -> bool | None:
    """Whether a value lies within the bound given; None where the two can't be compared."""
    try:
        return bool(value >= at_least) if at_most is None else bool(value <= at_most)
    except TypeError:
        return None


def unknown_operators(condition: Facts) -> list[str]:
    """Operator names in a condition that nobody implements."""
    return [
        f"{fact}: {name}"
        for fact, wanted in condition.items()
        if isinstance(wanted, dict)
        for name in wanted
        if name not in _OPERATORS
    ]


def decide(condition: Facts, facts: Facts) -> tuple[Truth, tuple[str, ...]]:
    """Whether `condition` holds over `facts`, and which facts are missing or can't be compared.

    One fact that is there and differs is enough for NO, whatever else is missing.
    """
    missing = []
    for fact, wanted in condition.items():
        value = facts.get(fact)
        held = None if value is None else value == wanted or _holds(wanted, value)
        if held is None:
            missing.append(fact)
        elif not held:
            return Truth.NO, ()
    if missing:
        return Truth.UNDETERMINED, tuple(missing)
    return _YES
