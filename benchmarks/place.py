"""Where a benchmark runs: a durable PostgreSQL, a Kafka node where there is one, databases.

Everything is temporary and on loopback or a Unix socket; the server waits for the disk as in
production (never `fsync=off`).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import orjson

from libs.common.bus.protocol import Outgoing
from libs.common.bus.transport import Transport
from libs.common.db import embedded
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.migrations import upgrade_all
from libs.common.law.installed import RULES
from tools import kafka
from tools.kafka import KafkaNode

PACK: Final = RULES / "recorded" / "bpic15.yaml"
CHUNK: Final = 4000
_numbers = itertools.count(1)
_FOREIGN: Final = ("DATABASE_URL", "KAFKA_", "MONITOR_", "APPROVAL_", "OTEL_")


@dataclass(frozen=True, slots=True)
class Place:
    """One server and, where there is one, one broker, for one part of the benchmarks.

    `template` is a migrated database without data.
    """

    server: EmbeddedPostgres
    node: KafkaNode | None
    template: str = embedded.DATABASE

    @property
    def transports(self) -> tuple[str, ...]:
        """The names of the transports that can be measured here."""
        return ("embedded",) if self.node is None else ("embedded", "kafka")

    def transport(self, name: str, dsn: str, prefix: str) -> Transport:
        """The transport of that name over `dsn`, or over topics of their own."""
        if name == "kafka" and self.node is not None:
            return Transport(None, self.node.bootstrap, prefix)
        return Transport(dsn, None)

    def env(self, transport: Transport, dsn: str) -> dict[str, str]:
        """The environment of a process that works here, with three simple rules to watch."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
        env |= {"DATABASE_URL": dsn, "MONITOR_PACKS": orjson.dumps([str(PACK)]).decode()}
        if transport.bootstrap:
            env["KAFKA_BOOTSTRAP_SERVERS"] = transport.bootstrap
            env["KAFKA_TOPIC_PREFIX"] = transport.prefix
        return env

    def pids(self) -> dict[str, int]:
        """The pids of the servers, by name."""
        found = {"PostgreSQL": self.server.pid}
        if self.node is not None and self.node.pid is not None:
            found["Kafka"] = self.node.pid
        return found

    @contextlib.asynccontextmanager
    async def database(self, template: str | None = None) -> AsyncIterator[str]:
        """The owner's DSN of a fresh copy of `template`, written to disk; dropped afterwards."""
        name = f"bench_{next(_numbers)}"
        await self._admin(f"CREATE DATABASE {name} TEMPLATE {template or self.template}")
        await self._admin("CHECKPOINT")
        try:
            yield self.server.dsn(database=name)
        finally:
            await self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    async def _admin(self, sql: str) -> None:
        connection = await asyncpg.connect(self.server.dsn(database="postgres"))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


@contextlib.asynccontextmanager
async def place(
    node: KafkaNode | None, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Place]:
    """A fresh, migrated server with `settings` beside the running `node`."""
    with durable(settings) as server:
        await upgrade_all(server.dsn())
        yield Place(server, node)


@contextlib.contextmanager
def durable(settings: Mapping[str, str] | None = None) -> Iterator[EmbeddedPostgres]:
    """A server that waits for the disk, removed afterwards with its data."""
    data = Path(tempfile.mkdtemp(prefix="sunlight-bench-"))
    if os.geteuid() == 0:
        data.chmod(0o711)  # for the server's account; the folder is ours and empty
    try:
        server = embedded.start(data, settings=settings)
        try:
            yield server
        finally:
            server.stop()
            shutil.rmtree(server.folder)
    finally:
        shutil.rmtree(data)


@contextlib.contextmanager
def broker(*, wanted: bool) -> Iterator[KafkaNode | None]:
    """A Kafka node, or None where it can't run or is not wanted."""
    if not wanted or kafka.missing() is not None:
        yield None
        return
    with (
        tempfile.TemporaryDirectory(prefix="sunlight-bench-kafka-") as folder,
        kafka.kafka_node(Path(folder)) as node,
    ):
        yield node


async def produce(transport: Transport, records: Sequence[Outgoing]) -> None:
    """Send all records, in order."""
    producer = transport.producer()
    await producer.start()
    for begin in range(0, len(records), CHUNK):
        await producer.send(records[begin : begin + CHUNK])
    await producer.stop()
