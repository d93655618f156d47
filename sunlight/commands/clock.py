"""`sunlight clock explain`: a clock's arithmetic, day by day."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from typing import Annotated, Any

import typer

from sunlight.commands.failures import CouldNotRun
from sunlight.commands.language import language, say
from sunlight.commands.options import Data, Json


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help=say("时限。", "Clocks."))
    group.callback()(_group)
    group.command("explain", help=say("逐日说明一个时限。", "Explain a clock, day by day."))(
        explain
    )
    app.add_typer(group, name="clock")


def _group() -> None:
    """A group of its own even with one command."""


def explain(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT",
            help=say("如 case/990100-…、tender/YGZB-…", "such as case/990100-…, tender/YGZB-…"),
        ),
    ],
    rule: Annotated[
        str | None,
        typer.Argument(metavar="[RULE]", help=say("只说这一条规则", "only this rule")),
    ] = None,
    *,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Print every clock of the subject, or those of one rule."""
    from services.e_monitor.clock.plain_text import as_text
    from sunlight.commands.database import at_hand
    from sunlight.commands.output import print_json, print_text, quiet_logs

    quiet_logs()
    with at_hand(data):
        told = asyncio.run(_explanations(subject, rule))
    if as_json:
        print_json([dataclasses.asdict(one) for one in told])
        return
    language_ = "zh" if language() == "zh" else "en"
    print_text("\n\n".join(as_text(one, language_) for one in told))  # type: ignore[arg-type]


async def _explanations(subject: str, rule: str | None) -> list[Any]:
    from libs.common.db.engine import connect, service_dsn
    from libs.common.identity.scope import Scope
    from services.e_monitor.clock.reading import find
    from services.e_monitor.settings import Settings

    law = Settings().law()
    connection = await connect(service_dsn("monitor", os.environ), "monitor")
    try:
        view = await find(connection, Scope.everything(), law, subject)
    finally:
        await connection.close()
    if view is None:
        raise CouldNotRun(
            f"没有监察对象 {subject};编号形如 case/…、tender/…",
            f"no subject {subject}; they look like case/…, tender/…",
        )
    # Rules that do not bind are told only to those who ask for them.
    told = [one for one in view.explanations(rule) if rule or one.state != "not_applicable"]
    if not told:
        wanted = rule or ""
        raise CouldNotRun(
            f"{subject} 没有时限 {wanted}".strip(), f"{subject} has no clock {wanted}".strip()
        )
    return told
