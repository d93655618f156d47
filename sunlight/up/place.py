"""Where an installation keeps its data: the embedded database or the one that is named, migrated.

Must never turn a database that keeps real time into a demonstration, nor the other way round.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from libs.common.bus.transport import Transport
from libs.common.db import embedded
from libs.common.db.city_clock import create_city_clock
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import BUS, IDENTITY, SERVICES, service_dsn
from libs.common.db.migrations import upgrade
from sunlight.city.hours import DEMO_START
from sunlight.commands.failures import CouldNotRun

SETTINGS: Final = {"max_connections": "120"}
_CLOCK_SQL: Final = "SELECT to_regclass('city.clock') IS NOT NULL"
_DEMO_SQL: Final = "SELECT demo FROM city.clock"


@dataclass(frozen=True, slots=True)
class Place:
    """A migrated database. `server` None: it is not ours to start and stop."""

    dsn: str
    demo: bool
    server: EmbeddedPostgres | None

    def stop(self) -> None:
        """End the embedded server, if there is one."""
        if self.server is not None:
            self.server.stop()


def start_server(data: Path) -> EmbeddedPostgres:
    """The embedded server of a data folder: created, started or attached to."""
    return embedded.start(data, settings=SETTINGS)


def named_database(env: Mapping[str, str] = os.environ) -> str | None:
    """The database that the environment names for all services; None: the embedded one."""
    return env.get("DATABASE_URL") or None


async def prepare(dsn: str, *, demo: bool | None, embedded_one: bool) -> bool:
    """Create what is missing in the database and migrate it; whether it is a demonstration.

    `demo` None: as the database is; a new embedded one is a demonstration, another is not.
    Raises CouldNotRun when the database is not what was asked for.
    """
    env = {**os.environ, "DATABASE_URL": dsn}
    chains = {service: service_dsn(service, env) for service in (*SERVICES, IDENTITY)}
    if not env.get("KAFKA_BOOTSTRAP_SERVERS"):
        chains[BUS] = service_dsn(BUS, env)
    wanted = demo
    for each in dict.fromkeys(chains.values()):
        wanted = await _clock(each, wanted, embedded_one=embedded_one)
    for service, each in chains.items():
        await upgrade(each, service)
    await Transport.chosen(env).prepare()
    return bool(wanted)


async def _clock(dsn: str, demo: bool | None, *, embedded_one: bool) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        if not await connection.fetchval(_CLOCK_SQL):
            wanted = embedded_one if demo is None else demo
            await create_city_clock(connection, DEMO_START if wanted else None)
        is_demo = bool(await connection.fetchval(_DEMO_SQL))
    finally:
        await connection.close()
    if demo is not None and demo != is_demo:
        raise _other_kind(is_demo=is_demo)
    return is_demo


def _other_kind(*, is_demo: bool) -> CouldNotRun:
    if is_demo:
        return CouldNotRun(
            "这个数据库是演示用的,时间是虚拟的。正式使用请用 --data 另选文件夹(或另建数据库)",
            "this database is a demonstration with a clock of its own. For real use choose "
            "another folder with --data (or another database)",
        )
    return CouldNotRun(
        "这个数据库按真实时间运行,不能改作演示。去掉 --demo,或用 --data 另选文件夹",
        "this database keeps real time and can't become a demonstration. Leave out --demo, "
        "or choose another folder with --data",
    )
