"""The Chinese calendar of 2004 to 2026, seeded from the `chinesecalendar` package.

The package gives the days; the numbers and dates of the notices behind them stand here, as printed
on the notices. A number that could not be read on a notice is never made up.
"""

from datetime import date, timedelta
from functools import cache

from chinese_calendar.constants import Holiday, holidays, workdays

from libs.common.worktime.calendar import Calendar
from libs.common.worktime.notice import Notice

# Annual notices by year: document number and the day they are dated.
_ANNUAL: dict[int, tuple[str, date]] = {
    2010: ("国办发明电〔2009〕27号", date(2009, 12, 7)),
    2011: ("国办发明电〔2010〕40号", date(2010, 12, 9)),
    2012: ("国办发明电〔2011〕45号", date(2011, 12, 5)),
    2013: ("国办发明电〔2012〕33号", date(2012, 12, 8)),
    2014: ("国办发明电〔2013〕28号", date(2013, 12, 11)),
    2015: ("国办发明电〔2014〕28号", date(2014, 12, 16)),
    2016: ("国办发明电〔2015〕18号", date(2015, 12, 10)),
    2017: ("国办发明电〔2016〕17号", date(2016, 12, 1)),
    2018: ("国办发明电〔2017〕12号", date(2017, 11, 30)),
    2019: ("国办发明电〔2018〕15号", date(2018, 12, 4)),
    2020: ("国办发明电〔2019〕16号", date(2019, 11, 21)),
    2021: ("国办发明电〔2020〕27号", date(2020, 11, 25)),
    2022: ("国办发明电〔2021〕11号", date(2021, 10, 25)),
    2023: ("国办发明电〔2022〕16号", date(2022, 12, 8)),
    2024: ("国办发明电〔2023〕7号", date(2023, 10, 25)),
    2025: ("国办发明电〔2024〕12号", date(2024, 11, 12)),
    2026: ("国办发明电〔2025〕7号", date(2025, 11, 4)),
}

_VICTORY_DAY = "抗战胜利70周年纪念日"
_NAMES = {
    Holiday.new_years_day: "元旦",
    Holiday.spring_festival: "春节",
    Holiday.tomb_sweeping_day: "清明节",
    Holiday.labour_day: "劳动节",
    Holiday.dragon_boat_festival: "端午节",
    Holiday.national_day: "国庆节",
    Holiday.mid_autumn_festival: "中秋节",
    Holiday.anti_fascist_70th_day: _VICTORY_DAY,
}


@cache
def cn_calendar() -> Calendar:
    """Days off of the State Council's notices, 2004 to the package's last year; cached."""
    years = range(min(holidays).year, max(holidays).year + 1)
    return Calendar("cn", (*(_annual(year) for year in years), *_amendments()))


def _annual(year: int) -> Notice:
    # Before 2010 the numbers are unknown; 20 December is later than any of these was issued.
    number, issued = _ANNUAL.get(year, (f"chinesecalendar {year}", date(year - 1, 12, 20)))
    days_off = {d: n for d, n in _of_year(holidays, year).items() if d not in _AMENDED_OFF}
    makeup = {d: n for d, n in _of_year(workdays, year).items() if d not in _AMENDED_MAKEUP}
    if year == 2020:
        makeup[date(2020, 2, 1)] = _NAMES[Holiday.spring_festival]
    return Notice(
        number, year, issued, frozenset(days_off), frozenset(makeup), {**days_off, **makeup}
    )


def _of_year(table: dict[date, str], year: int) -> dict[date, str]:
    """The days that the notice for `year` names: New Year reaches back into December."""
    return {
        day: _NAMES[Holiday(value)]
        for day, value in table.items()
        if (day.year + 1 if _is_new_year_before(day, value) else day.year) == year
    }


def _is_new_year_before(day: date, value: str) -> bool:
    return day.month == 12 and Holiday(value) is Holiday.new_years_day


def _amendment(
    number: str, issued: date, name: str, days_off: tuple[date, ...], makeup: tuple[date, ...] = ()
) -> Notice:
    names = dict.fromkeys((*days_off, *makeup), name)
    return Notice(number, issued.year, issued, frozenset(days_off), frozenset(makeup), names)


def _span(first: date, last: date) -> tuple[date, ...]:
    return tuple(first + timedelta(days=offset) for offset in range((last - first).days + 1))


def _amendments() -> tuple[Notice, ...]:
    """Notices issued within their own year; the package shows only their outcome."""
    return (
        _amendment(
            "国发明电〔2015〕1号",
            date(2015, 5, 13),
            _VICTORY_DAY,
            _span(date(2015, 9, 3), date(2015, 9, 5)),
            (date(2015, 9, 6),),
        ),
        _amendment(
            "国办发明电〔2019〕3号",
            date(2019, 3, 22),
            _NAMES[Holiday.labour_day],
            _span(date(2019, 5, 1), date(2019, 5, 4)),
            (date(2019, 4, 28), date(2019, 5, 5)),
        ),
        # The epidemic lengthened the Spring Festival; the Saturday 1 February was to be worked.
        _amendment(
            "国办发明电〔2020〕1号",
            date(2020, 1, 26),
            _NAMES[Holiday.spring_festival],
            _span(date(2020, 1, 31), date(2020, 2, 2)),
        ),
    )


# 1 May 2019 was off before and after its amendment.
_AMENDED_OFF = {d for notice in _amendments() for d in notice.days_off} - {date(2019, 5, 1)}
_AMENDED_MAKEUP = {d for notice in _amendments() for d in notice.makeup}
