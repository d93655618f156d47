"""The civil day of the city, for what holds on a day.

Must never be the machine's own date.
"""

from datetime import date
from typing import Annotated, Final

from fastapi import Depends
from sqlalchemy import text

from libs.common.web.law import Law
from libs.common.web.session import Session
from libs.common.worktime import civil_day

_NOW: Final = text("SELECT city_now()")


async def today(session: Session, law: Law) -> date:
    """Today, by the city clock, in the zone of the law."""
    return civil_day((await session.execute(_NOW)).scalar_one(), law.zone)


Today = Annotated[date, Depends(today, scope="function")]
