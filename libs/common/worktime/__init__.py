"""Legal time: calendars of working days, periods counted over them, instants and civil days.

Every period of the platform is counted here and nowhere else. Pure: no clock, no database; only
`load_notice` opens a file, the one it is given.
"""

from libs.common.worktime.calendar import Calendar, DayKind, monday_to_friday
from libs.common.worktime.counting import (
    DayMark,
    Exclusion,
    Unit,
    due_date,
    elapsed,
    excluded,
    is_provisional,
    strip,
    union,
)
from libs.common.worktime.instants import civil_day, due_instant, end_of_day
from libs.common.worktime.notice import CalendarError, Notice, load_notice
from libs.common.worktime.seed import cn_calendar

__all__ = [
    "Calendar",
    "CalendarError",
    "DayKind",
    "DayMark",
    "Exclusion",
    "Notice",
    "Unit",
    "civil_day",
    "cn_calendar",
    "due_date",
    "due_instant",
    "elapsed",
    "end_of_day",
    "excluded",
    "is_provisional",
    "load_notice",
    "monday_to_friday",
    "strip",
    "union",
]
