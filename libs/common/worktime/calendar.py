"""The working-day calendar: which day counts, how many lie between two, which is the n-th.

Everything follows from notices; beyond them a week is Monday to Friday and `covers` says so.
It must never read the clock, a file or a time zone: days come in, days go out.
"""

import hashlib
from bisect import bisect_right
from datetime import date
from enum import StrEnum
from itertools import accumulate
from typing import Final

from libs.common.worktime.notice import CalendarError, Notice

_NOTHING: Final = (date.max, date.min)


class DayKind(StrEnum):
    """MAKEUP is a Saturday or Sunday that is worked (调休上班) and counts."""

    WORKING = "working"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"


class Calendar:
    """Immutable; counting is O(1), over tables from the first to the last day a notice names.

    `covered` is the first and last day whose days off are known (1 January of the first year to
    31 December of the last year without a gap; `(date.max, date.min)` if none is). A year is known
    once a notice gives 1 January off, which every annual notice does and no amendment needs to.
    `version` names the content: equal notices, equal version.
    """

    __slots__ = (
        "_first",
        "_known",
        "_last",
        "_makeup",
        "_names",
        "_off",
        "_rank",
        "_working",
        "covered",
        "name",
        "notices",
        "version",
    )

    def __init__(
        self, name: str, notices: tuple[Notice, ...], covered: tuple[date, date] | None = None
    ) -> None:
        self.name: Final = name
        self.notices: Final = tuple(sorted(notices, key=lambda notice: notice.issued))
        self.version: Final = _digest(name, self.notices)
        self._known: Final[dict[int, Calendar]] = {}
        self._off: Final[set[date]] = set()
        self._makeup: Final[set[date]] = set()
        self._names: Final[dict[date, str]] = {}
        self._apply(self.notices)
        self.covered: Final = covered or _coverage(self._off)
        named = {day.toordinal() for day in self._off | self._makeup} or {1}
        self._first: Final = min(named)
        self._last: Final = max(named)
        days = [date.fromordinal(o) for o in range(self._first, self._last + 1)]
        worked = [self.is_working(day) for day in days]
        # _rank[o - _first + 1]: working days from _first to o; _working: their ordinals in order.
        self._rank: Final = [0, *accumulate(worked)]
        self._working: Final = [d.toordinal() for d, w in zip(days, worked, strict=True) if w]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    def __repr__(self) -> str:
        return f"Calendar({self.name} {self.version} {self.covered[0]}..{self.covered[1]})"

    def kind(self, day: date) -> DayKind:
        """What the day is; a weekday that an amendment gives back to work is WORKING."""
        weekend = day.weekday() >= 5
        if day in self._makeup:
            return DayKind.MAKEUP if weekend else DayKind.WORKING
        if day in self._off and (not weekend or day in self._names):
            return DayKind.HOLIDAY
        return DayKind.WEEKEND if weekend else DayKind.WORKING

    def holiday_name(self, day: date) -> str | None:
        """The festival in Chinese, of a day off or of the make-up day worked for it; else None."""
        return self._names.get(day)

    def is_working(self, day: date) -> bool:
        """Whether the day counts; beyond coverage Monday to Friday, which is provisional."""
        return day in self._makeup or (day.weekday() < 5 and day not in self._off)

    def covers(self, first: date, last: date) -> bool:
        """Whether the days off from `first` to `last`, both included, are all known."""
        return self.covered[0] <= first and last <= self.covered[1]

    def working_days(self, after: date, upto: date) -> int:
        """How many working days d have after < d <= upto; 0 if upto <= after."""
        if upto <= after:
            return 0
        first = self._first
        low, high = after.toordinal(), upto.toordinal()
        if first <= low and high <= self._last:
            rank = self._rank
            return rank[high - first + 1] - rank[low - first + 1]
        return self._count(high) - self._count(low)

    def working_day_after(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which itself never counts. n >= 1."""
        if n < 1:
            raise ValueError(f"n must be at least 1, not {n}")
        target = self._count(day.toordinal()) + n
        working = self._working
        if 0 < target <= len(working):
            return date.fromordinal(working[target - 1])
        if target <= 0:
            return date.fromordinal(_nth_weekday(_weekdays(self._first - 1) + target))
        return date.fromordinal(_nth_weekday(_weekdays(self._last) + target - len(working)))

    def roll_forward(self, day: date) -> date:
        """The first day, from `day` on, that is no day off (民法典 203)."""
        return day if self.is_working(day) else self.working_day_after(day, 1)

    def known_on(self, day: date) -> "Calendar":
        """The calendar as it stood on `day`: only notices issued on or before it."""
        if not self.notices or self.notices[-1].issued <= day:
            return self
        count = bisect_right(self.notices, day, key=lambda notice: notice.issued)
        if count not in self._known:
            self._known[count] = Calendar(self.name, self.notices[:count])
        return self._known[count]

    def with_notice(self, notice: Notice) -> "Calendar":
        """This calendar and one more notice; where two name a day the later issued wins.

        The same notice again changes nothing. Raises CalendarError if `supersedes` names a notice
        that isn't here, or if the number is taken by other content (then it has to supersede it).
        """
        if notice in self.notices:
            return self
        numbers = {other.number for other in self.notices}
        if notice.supersedes and notice.supersedes not in numbers:
            raise CalendarError(f"no notice {notice.supersedes} to supersede", field="supersedes")
        if notice.number in numbers and notice.supersedes != notice.number:
            message = f"{notice.number} is loaded with other content; to correct it, supersede it"
            raise CalendarError(message, field="number")
        return Calendar(self.name, (*self.notices, notice))

    def _apply(self, notices: tuple[Notice, ...]) -> None:
        for position, notice in enumerate(notices):
            replaced = {later.supersedes for later in notices[position + 1 :]}
            if notice.number in replaced:
                continue
            self._off.difference_update(notice.makeup)
            self._off.update(notice.days_off)
            self._makeup.difference_update(notice.days_off)
            self._makeup.update(notice.makeup)
            for day in notice.days_off | notice.makeup:
                self._names.pop(day, None)
            self._names.update(notice.holiday_names)

    def _count(self, ordinal: int) -> int:
        """Working days from the table's first day to the ordinal; negative before the table."""
        if ordinal < self._first:
            return _weekdays(ordinal) - _weekdays(self._first - 1)
        if ordinal > self._last:
            return self._rank[-1] + _weekdays(ordinal) - _weekdays(self._last)
        return self._rank[ordinal - self._first + 1]


def monday_to_friday() -> Calendar:
    """The plain week without holidays, known for ever; only for comparison, no law counts so."""
    return _MONDAY_TO_FRIDAY


def _weekdays(ordinal: int) -> int:
    """Mondays to Fridays from ordinal 1, which is a Monday, to `ordinal`."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5)


def _nth_weekday(n: int) -> int:
    """The ordinal of the n-th Monday to Friday from ordinal 1 on."""
    weeks, rest = divmod(n - 1, 5)
    return weeks * 7 + rest + 1


def _coverage(days_off: set[date]) -> tuple[date, date]:
    years = {day.year for day in days_off if (day.month, day.day) == (1, 1)}
    if not years:
        return _NOTHING
    last = first = min(years)
    while last + 1 in years:
        last += 1
    return date(first, 1, 1), date(last, 12, 31)


def _digest(name: str, notices: tuple[Notice, ...]) -> str:
    text = [name]
    for notice in notices:
        text += [notice.number, str(notice.issued), notice.supersedes or ""]
        text += [f"-{day}" for day in sorted(notice.days_off)]
        text += [f"+{day}" for day in sorted(notice.makeup)]
    return hashlib.sha256("\n".join(text).encode()).hexdigest()[:12]


_MONDAY_TO_FRIDAY: Final = Calendar("mon-fri", (), (date.min, date.max))
