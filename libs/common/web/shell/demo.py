"""What a demonstration adds to the header of every page: the city's time and how to move it on.

An application of a demonstration has `state.city_clock`; every other one shows nothing. Must never
decide who may move the clock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from starlette.requests import Request

WORKING_DAYS: Final = (1, 5, 21)
"""What may be passed over at once."""


class Running(Protocol):
    """A fast-forward that is under way, 0 to 100 per cent of it done."""

    @property
    def is_history(self) -> bool: ...

    @property
    def target(self) -> datetime | None: ...

    @property
    def percent(self) -> int: ...


@dataclass(frozen=True, slots=True)
class DemoClock:
    """The city's time (aware), the token of the form, and what is under way."""

    now: datetime
    csrf_token: str
    running: Running | None = None


def demo_clock(request: Request) -> DemoClock | None:
    """The clock of the demonstration that the request came to, None where it came to none."""
    shown: Callable[[Request], DemoClock | None] | None
    shown = getattr(request.app.state, "city_clock", None)
    return None if shown is None else shown(request)
