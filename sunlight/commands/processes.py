"""`sunlight api`, `worker` and `migrate`: the processes of a distributed installation.

Each runs until it is told to end; nothing here starts another process.
"""

from __future__ import annotations

import asyncio
import os
from enum import StrEnum
from typing import Annotated, Final

import typer

from sunlight.commands.language import say

MIGRATE_SECONDS: Final = 60.0
"""How long `migrate` waits for a server that does not answer: then whoever started it is told."""


class Service(StrEnum):
    """The services, as everywhere outside of the source tree; `all` of them in one process."""

    APPROVAL = "approval"
    TRADING = "trading"
    MONITOR = "monitor"
    DISCLOSURE = "disclosure"
    ALL = "all"


Chosen = Annotated[
    Service, typer.Argument(metavar="SERVICE", help="approval | trading | monitor | disclosure")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("api", help=say("一个服务的 HTTP 进程。", "The HTTP process of a service."))(api)
    app.command("worker", help=say("一个服务的后台进程。", "The worker process of a service."))(
        worker
    )
    app.command("migrate", help=say("升级数据库结构。", "Bring the database's schema up to date."))(
        migrate
    )


def api(
    service: Chosen,
    *,
    host: Annotated[str, typer.Option(help=say("监听地址", "address to listen on"))] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help=say("监听端口", "port to listen on"))
    ] = 8000,
) -> None:
    """Serve until SIGTERM."""
    from sunlight.api import listen, serve

    refuse_unknown_pages()
    with listen(host, port) as held:
        serve(services_of(service), held, host=host)


def worker(
    service: Chosen,
    *,
    health_port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help=say("/livez、/readyz、/metrics 的端口", "port of /livez, /readyz, /metrics"),
        ),
    ] = None,
) -> None:
    """Work until SIGTERM."""
    import uvloop

    from sunlight.worker import serve

    uvloop.run(serve(services_of(service), health_port=health_port))


def migrate(
    service: Annotated[
        Service,
        typer.Argument(
            metavar="[SERVICE]",
            help=say("默认全部服务", "default: every service"),
        ),
    ] = Service.ALL,
) -> None:
    """Migrate each service's own database, and the log: its tables, or the topics on Kafka."""
    from libs.common.bus.transport import Transport
    from libs.common.db.engine import BUS, IDENTITY, service_dsn
    from libs.common.db.migrations import current, upgrade
    from sunlight import waiting
    from sunlight.commands.output import print_text, quiet_logs

    quiet_logs()
    brokers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    beside = [IDENTITY] if service is Service.ALL else []
    if service is Service.ALL and not brokers:
        beside.append(BUS)
    for name in (*services_of(service), *beside):
        dsn = service_dsn(name, os.environ)
        asyncio.run(waiting.server(name, dsn, within=MIGRATE_SECONDS))
        asyncio.run(upgrade(dsn, name))
        print_text(f"{name}\t{asyncio.run(current(dsn, name))}")
    if brokers:
        # Brokers create no topic by themselves: one with another number of partitions is of no use.
        asyncio.run(Transport.chosen(os.environ).prepare())
        print_text(f"kafka\t{brokers}")


def refuse_unknown_pages() -> None:
    """Wrong use where `SUNLIGHT_PAGES` names what is no service."""
    from libs.common.web.shell.navigation import ADDRESSES, VARIABLE, navigation

    try:
        navigation("", os.environ)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; {VARIABLE}={','.join(ADDRESSES)}") from error


def services_of(service: Service) -> tuple[str, ...]:
    """The services that a choice stands for."""
    every = tuple(one.value for one in Service if one is not Service.ALL)
    return every if service is Service.ALL else (service.value,)
