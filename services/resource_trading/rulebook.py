"""The rule packs and the calendar of an installation, read once at start.

A pack that can't be read stops the start. Must never be changed in place.
"""

from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from libs.common.law.fold import Fold
from libs.common.law.pack import load, packs_in
from libs.common.worktime import cn_calendar, load_notice

PACKS: Final = ("national", "local")


def load_law(rules: Path, zone: ZoneInfo) -> Fold:
    """Rulebook, calendar and zone from the folder `rules`.

    Raises:
        PackError, CalendarError: a file is wrong; names file, line and field.
    """
    calendar = cn_calendar()
    for path in sorted((rules / "calendar").glob("*.yaml")):
        calendar = calendar.with_notice(load_notice(path))
    return Fold(load(packs_in(rules, *PACKS)), calendar, zone)


async def law_of(request: Request) -> Fold:
    """The law of the application that answers; a coroutine, so that no thread is asked."""
    law: Fold = request.app.state.law
    return law


Law = Annotated[Fold, Depends(law_of)]
