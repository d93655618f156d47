"""`sunlight replay`: recorded events in, clocks and findings out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sunlight.commands.failures import CouldNotRun
from sunlight.commands.language import language, say
from sunlight.commands.options import CalendarName, Mapping, Out, Recordings

HELP = say(
    "重放记录下来的事件,算出每件的时限和监察发现。",
    "Replay recorded events: every case's clocks, and the findings.",
)
Until = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help=say(
            "未停的时限算到何时(带时区;默认最后一个事件)",
            "judge open clocks at this time (with offset; default: the last event's)",
        ),
    ),
]
Region = Annotated[
    str | None, typer.Option(metavar="CODE", help=say("行政区划代码", "region code"))
]
Bus = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help=say("用这个 Kafka", "use this Kafka"))
]
Database = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help=say("在这个 PostgreSQL 上另建临时库", "a database of its own on this PostgreSQL"),
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help=say(
            "数据留在这里,可用 sunlight up --data 查看",
            "keep the data here, to look at with `sunlight up --data`",
        ),
    ),
]
AsStored = Annotated[
    bool, typer.Option("--as-stored", help=say("保持文件中的顺序", "keep the order of the file"))
]
Summary = Annotated[
    bool, typer.Option("--json", help=say("打印 summary.json", "print summary.json"))
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay", help=HELP)(replay)


def replay(
    files: Recordings,
    *,
    mapping: Mapping,
    out: Out,
    calendar: CalendarName = "cn",
    until: Until = None,
    region: Region = None,
    bus: Bus = None,
    database: Database = None,
    keep: Keep = None,
    as_stored: AsStored = False,
    as_json: Summary = False,
) -> None:
    """Check what can be checked before anything starts, run, print the paragraph."""
    _refuse_absent(files)
    moment = None if until is None else instant(until)

    from sunlight.commands.output import print_json, print_text, progress_bar, quiet_logs, remark
    from sunlight.replay.command import Options
    from sunlight.replay.command import replay as run
    from sunlight.replay.paragraph import paragraph

    options = Options(
        files=files,
        mapping=mapping,
        out=out,
        calendar=calendar,
        until=moment,
        region=region,
        bus=bus,
        database=database,
        keep=keep,
        as_stored=as_stored,
    )
    quiet_logs()
    with progress_bar() as progress:
        summary, fold = asyncio.run(run(options, progress))
    if as_json:
        print_json(summary)
    else:
        print_text(paragraph(summary, fold, language()))
    remark(say(f"结果在 {out}", f"results in {out}"))


def _refuse_absent(files: Sequence[Path]) -> None:
    absent = [str(path) for path in files if not path.is_file()]
    if absent:
        names = ", ".join(absent)
        raise CouldNotRun(f"没有这个文件:{names}", f"no such file: {names}")


def instant(text: str) -> datetime:
    """A time with its offset (RFC 3339); anything else is wrong use."""
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    wanted = say("应为带时区的时间", "should be a time with its offset")
    raise typer.BadParameter(f"{text!r}: {wanted}: 2026-03-02T09:00:00+08:00")
