"""Where instants and civil days meet.

`civil_day` is the only place in the platform where an instant becomes a day. No day may be derived
from UTC, from a naive datetime or from the machine's zone.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_SHANGHAI_OFFSET = timedelta(hours=8)
_LAST_SUMMER_TIME = 1991


def civil_day(instant: datetime, zone: ZoneInfo) -> date:
    """The date on the wall calendar of `zone` at `instant`. ValueError for a naive instant."""
    # Nearly every call: three times faster than the zone's own conversion.
    if instant.tzinfo is UTC and zone is _SHANGHAI and instant.year > _LAST_SUMMER_TIME:
        return (instant + _SHANGHAI_OFFSET).date()
    _aware(instant)
    return instant.astimezone(zone).date()


@lru_cache(maxsize=4096)
def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after the day: midnight of the next day in `zone`, as UTC."""
    return datetime.combine(day + _DAY, time.min, tzinfo=zone).astimezone(UTC)


def due_instant(start: datetime, hours: int) -> datetime:
    """`hours` after `start`, nights and holidays included, as UTC. ValueError for a naive start."""
    _aware(start)
    return start.astimezone(UTC) + timedelta(hours=hours)


def _aware(instant: datetime) -> None:
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone, so it is no instant")
