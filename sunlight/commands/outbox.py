"""`sunlight outbox republish`: send again what was published since a time.

Harmless where it was received: a second copy is a duplicate by its number.
"""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from typing import Annotated, Final

import typer

from sunlight.commands.language import say
from sunlight.commands.options import Data, Json
from sunlight.commands.processes import Service, services_of
from sunlight.commands.recordings import instant

_AGAIN_SQL: Final = """
WITH again AS (
    UPDATE outbox SET published_at = NULL WHERE published_at >= $1 RETURNING 1
) SELECT count(*) FROM again
"""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help=say("发件箱。", "The outbox."))
    group.callback()(_group)
    group.command(
        "republish", help=say("重发某时以来发出的事件。", "Send again what was sent since a time.")
    )(republish)
    app.add_typer(group, name="outbox")


def _group() -> None:
    """A group of its own even with one command."""


def republish(
    *,
    since: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help=say("城市时间,带时区", "city time, with its offset"),
        ),
    ],
    service: Annotated[
        Service, typer.Option(metavar="SERVICE", help=say("默认全部", "default: all"))
    ] = Service.ALL,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """The running relays send them in order; rows older than seven days are gone."""
    from sunlight.commands.database import at_hand
    from sunlight.commands.output import print_json, print_text, quiet_logs

    moment = instant(since)
    quiet_logs()
    with at_hand(data):
        counts = {name: asyncio.run(_again(name, moment)) for name in services_of(service)}
    if as_json:
        print_json(counts)
        return
    for name, count in counts.items():
        print_text(say(f"{name}:{count} 个事件将重发", f"{name}: {count} events to be sent again"))


async def _again(service: str, since: datetime) -> int:
    from libs.common.db.engine import connect, service_dsn

    connection = await connect(service_dsn(service, os.environ), service)
    try:
        return int(await connection.fetchval(_AGAIN_SQL, since))
    finally:
        await connection.close()
