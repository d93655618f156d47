"""`sunlight parked`: subjects set aside because an event could not be handled."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sunlight.commands.failures import CouldNotRun
from sunlight.commands.language import say
from sunlight.commands.options import Data, Json

if TYPE_CHECKING:
    from libs.common.bus.batch import Tally
    from libs.common.bus.missing import Gap, NotMissingError
    from libs.common.db.engine import Pool


class Consuming(StrEnum):
    """What keeps events aside: each with a database of its own."""

    MONITOR = "monitor"
    DISCLOSURE = "disclosure"
    TRADING = "trading"
    IDENTITY = "identity"


Where = Annotated[
    Consuming,
    typer.Option("--service", metavar="SERVICE", help=say("哪个服务", "which service consumes")),
]
Subject = Annotated[str, typer.Argument(metavar="SUBJECT")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help=say("搁置的事件。", "Events set aside."))
    group.command("list", help=say("哪些监察对象被搁置。", "Which subjects are set aside."))(
        list_parked
    )
    group.command("show", help=say("一个监察对象的搁置事件。", "A subject's events."))(show)
    group.command("replay", help=say("按序重试。", "Try again, in order."))(replay)
    group.command("drop", help=say("放弃第一个,记下原因。", "Give up the first, on record."))(drop)
    group.command(
        "skip",
        help=say(
            "认定缺失的序号不会再来,记下何人与原因,处理其后的事件。",
            "Accept that missing numbers never come, on record; apply what waits behind them.",
        ),
    )(skip)
    app.add_typer(group, name="parked")


def list_parked(
    *, service: Where = Consuming.MONITOR, data: Data = None, as_json: Json = False
) -> None:
    """Oldest first."""
    from libs.common.bus.parked import listed
    from sunlight.commands.output import print_json, print_table

    found = _run(service, data, listed)
    if as_json:
        print_json([dataclasses.asdict(one) for one in found])
        return
    columns = say("监察对象,事件数,自,原因,错误", "subject,events,since,reason,error").split(",")
    rows = [(one.subject, one.events, one.since, one.reason, _last(one.error)) for one in found]
    print_table(columns, rows)


def show(
    subject: Subject,
    *,
    service: Where = Consuming.MONITOR,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """In the order in which they would be replayed."""
    from libs.common.bus.parked import shown
    from sunlight.commands.output import print_json, print_text

    found = _run(service, data, lambda pool: shown(pool, subject))
    if not found:
        raise _nothing(subject)
    if as_json:
        print_json([_plain(one) for one in found])
        return
    for one in found:
        place = f"{one.topic}/{one.partition}@{one.offset} #{one.sequence}"
        raw = one.raw.decode(errors="replace")
        print_text(f"{place} {one.reason} {one.parked_at}\n{one.error}\n{raw}\n")


def replay(subject: Subject, *, service: Where = Consuming.MONITOR, data: Data = None) -> None:
    """What still can't be handled is set aside again."""
    from libs.common.bus.parked import replay as again
    from libs.common.bus.parked import shown
    from sunlight.commands.output import print_text

    async def work(pool: Pool) -> Any:
        from sunlight.worker import HANDLERS

        if not await shown(pool, subject):
            raise _nothing(subject)
        return await again(pool, HANDLERS[service.value](), subject)

    print_text(_became(_run(service, data, work)))


def drop(
    subject: Subject,
    *,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help=say("为什么放弃", "why it is given up"))
    ],
    service: Where = Consuming.MONITOR,
    data: Data = None,
) -> None:
    """Its number counts as seen, so that those behind it can be replayed."""
    from libs.common.bus.parked import drop as give_up
    from sunlight.commands.output import print_text

    _refuse_empty(reason, "--reason")
    if not _run(service, data, lambda pool: give_up(pool, subject, reason)):
        raise _nothing(subject)
    print_text(say(f"{subject}:已放弃第一个事件", f"{subject}: the first event is given up"))


def skip(
    subject: Subject,
    *,
    topic: Annotated[
        str, typer.Option(metavar="TOPIC", help=say("在哪个主题缺失", "where they are missing"))
    ],
    first: Annotated[
        int, typer.Option("--from", metavar="N", help=say("第一个缺失的序号", "first number"))
    ],
    last: Annotated[
        int, typer.Option("--to", metavar="M", help=say("最后一个缺失的序号", "last number"))
    ],
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help=say("为什么不会再来", "why they never come"))
    ],
    by: Annotated[str, typer.Option(metavar="WHO", help=say("由谁认定", "who says so"))],
    service: Where = Consuming.MONITOR,
    data: Data = None,
) -> None:
    """Only numbers that an event set aside waits for; never the next one of a subject."""
    from libs.common.bus.missing import Gap, NotMissingError
    from libs.common.bus.missing import skip as pass_over
    from sunlight.commands.output import print_text

    _refuse_empty(reason, "--reason")
    _refuse_empty(by, "--by")
    numbers = Gap(topic, first, last)

    async def work(pool: Pool) -> Any:
        from sunlight.worker import HANDLERS

        handler = HANDLERS[service.value]()
        try:
            return await pass_over(pool, handler, subject, numbers, by=by, reason=reason)
        except NotMissingError as error:
            raise _not_missing(error, numbers) from error

    print_text(_became(_run(service, data, work)))


def _not_missing(error: NotMissingError, numbers: Gap) -> CouldNotRun:
    if error.blocked:
        return CouldNotRun(
            f"{error.subject} 有无法处理的事件,先用 sunlight parked replay 或 drop",
            f"an event of {error.subject} could not be handled: first replay or drop it",
        )
    named = f"{numbers.topic} {numbers.first}-{numbers.last}"
    found = ", ".join(f"{gap.topic} {gap.first}-{gap.last}" for gap in error.gaps)
    return CouldNotRun(
        f"{error.subject} 缺的不是 {named};缺失的序号:{found or '无'}",
        f"{named} is not what is missing of {error.subject}; missing: {found or 'nothing'}",
    )


def _refuse_empty(value: str, option: str) -> None:
    if not value.strip():
        raise typer.BadParameter(say("不能为空", "is empty"), param_hint=option)


def _became(tally: Tally) -> str:
    return say(
        f"已处理 {tally.applied},重复 {tally.duplicates},仍搁置 {tally.parked}",
        f"applied {tally.applied}, duplicates {tally.duplicates}, parked {tally.parked}",
    )


def _run(service: Consuming, data: str | None, work: Callable[[Pool], Awaitable[Any]]) -> Any:
    from libs.common.db.engine import pool, service_dsn
    from sunlight.commands.database import at_hand
    from sunlight.commands.output import quiet_logs

    async def within() -> Any:
        async with await pool(service_dsn(service.value, os.environ), service.value) as held:
            return await work(held)

    quiet_logs()
    with at_hand(data):
        return asyncio.run(within())


def _nothing(subject: str) -> CouldNotRun:
    return CouldNotRun(
        f"{subject} 没有搁置的事件;见 sunlight parked list",
        f"nothing is set aside of {subject}; see sunlight parked list",
    )


def _last(error: str) -> str:
    return error.strip().rsplit("\n", 1)[-1][:120]


def _plain(one: Any) -> dict[str, Any]:
    return {**dataclasses.asdict(one), "raw": one.raw.decode(errors="replace")}
