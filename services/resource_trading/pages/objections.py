"""The objections to a tender, told from its own history, each with the limits on it.

No input or output. Must never say who objected: that is sealed, and not in the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from libs.common.law.instants import from_micros, to_micros
from services.resource_trading.pages.limits import OBJECTIONS, Limit
from services.resource_trading.pages.stages import short


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection: what it is against, when it was filed and, once it is, answered."""

    number: str
    against: str
    filed: datetime
    answered: datetime | None = None
    limits: tuple[Limit, ...] = ()


def objections_of(history: Sequence[Sequence[Any]], limits: Iterable[Limit]) -> list[Objection]:
    """Every objection, oldest first. A number may come again once it has been answered."""
    of_stage = [one for one in limits if one.stage == OBJECTIONS]
    found: list[Objection] = []
    for kind, micros, data in history:
        name, number = short(kind), data.get("objection_no")
        if name == "tender.objection-filed":
            filed = Objection(number, data["against"], from_micros(micros))
            found.append(replace(filed, limits=_limits(filed, of_stage)))
        elif name == "tender.objection-answered":
            found = [
                replace(one, answered=from_micros(micros))
                if one.number == number and one.answered is None
                else one
                for one in found
            ]
    return found


def _limits(objection: Objection, limits: Iterable[Limit]) -> tuple[Limit, ...]:
    begun = to_micros(objection.filed)
    return tuple(
        one for one in limits if one.begun == begun and one.key in (None, objection.number)
    )
