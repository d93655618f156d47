"""`sunlight calendar`: the working days of a year, and one more notice on days off."""

from __future__ import annotations

import calendar as weeks
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sunlight.commands.failures import CouldNotRun
from sunlight.commands.language import say
from sunlight.commands.options import CalendarName, Json

if TYPE_CHECKING:
    from libs.common.worktime import Calendar

_SIGNS: Final = {"working": " ", "weekend": "-", "holiday": "*", "makeup": "+"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help=say("工作日历。", "The working-day calendar."))
    group.command("show", help=say("一年的工作日、放假、调休。", "A year's days."))(show)
    group.command("load", help=say("加入一份放假通知(YAML)。", "Add a notice on days off (YAML)."))(
        load
    )
    app.add_typer(group, name="calendar")


def show(
    year: Annotated[int, typer.Argument(min=1990, max=2199, metavar="YEAR")],
    *,
    calendar: CalendarName = "cn",
    as_json: Json = False,
) -> None:
    """Months of days, each with its sign; whether the year is known."""
    from libs.common.law.installed import named_calendar
    from sunlight.commands.output import print_json, print_text

    found = named_calendar(calendar)
    if as_json:
        print_json(_as_data(found, year))
    else:
        print_text(_as_months(found, year))


def load(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    *,
    rules: Annotated[
        Path | None, typer.Option(metavar="DIR", help=say("规则文件夹", "folder of the rules"))
    ] = None,
) -> None:
    """Check a notice against the calendar and put it among the installation's notices."""
    from libs.common.law.installed import RULES, named_calendar
    from libs.common.worktime import load_notice
    from sunlight.commands.output import print_text

    folder = rules or RULES
    notice = load_notice(file)
    known = named_calendar("cn", folder)
    if notice in known.notices:
        print_text(say(f"{notice.number} 已在日历中", f"{notice.number} is there already"))
        return
    known.with_notice(notice)
    target = folder / "calendar" / f"notice-{notice.year}-{notice.issued}.yaml"
    if target.exists():
        raise CouldNotRun(f"{target} 已存在", f"{target} exists already")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(file.read_bytes())
    print_text(
        say(
            f"{notice.number} 已加入:{target}。重启后生效",
            f"{notice.number} added as {target}; in effect after a restart",
        )
    )


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range(366 if weeks.isleap(year) else 365)]


def _as_data(calendar: Calendar, year: int) -> dict[str, Any]:
    days = _days(year)
    return {
        "year": year,
        "version": calendar.version,
        "known": calendar.covers(days[0], days[-1]),
        "working_days": sum(calendar.is_working(day) for day in days),
        "days": [
            {"day": day, "kind": calendar.kind(day), "name": calendar.holiday_name(day)}
            for day in days
        ],
    }


def _as_months(calendar: Calendar, year: int) -> str:
    days = _days(year)
    count = sum(calendar.is_working(day) for day in days)
    lines = [
        say(
            f"{year} 年:{count} 个工作日,日历版本 {calendar.version}",
            f"{year}: {count} working days, calendar version {calendar.version}",
        ),
        say("* 放假  - 周末  + 调休上班", "* holiday  - weekend  + make-up working day"),
    ]
    if not calendar.covers(days[0], days[-1]):
        lines.append(
            say(
                "这一年的放假通知尚未发布,按周一至周五暂计",
                "no notice covers this year: Monday to Friday, provisional",
            )
        )
    for month in range(1, 13):
        of_month = [day for day in days if day.month == month]
        cells = " ".join(f"{day.day:2d}{_SIGNS[calendar.kind(day)]}" for day in of_month)
        lines.append(f"{month:2d} | {cells}")
    return "\n".join(lines)
