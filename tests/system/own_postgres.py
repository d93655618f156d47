"""A PostgreSQL as an installation brings its own: over TCP, with passwords, owners without power.

Made of the wheel's programs, but by none of the platform's code that starts an embedded server.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from libs.common.db.binaries import account_for, programs, run
from tests.databases import run_apart
from tests.system.installation import free_port

SECRET = "of-the-tests"  # noqa: S105 - a server that lives for one test
OWNER = "city_owner"
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
max_connections = 150
"""


@dataclass(frozen=True, slots=True)
class OwnPostgres:
    """A running server; what is known of it is an address."""

    port: int

    def dsn(self, database: str, user: str = OWNER) -> str:
        """The address of a database."""
        return f"postgresql://{user}:{SECRET}@127.0.0.1:{self.port}/{database}"

    def create(self, databases: Sequence[str]) -> None:
        """Create databases that belong to the owner."""
        for name in databases:
            self._execute(f"CREATE DATABASE {name} OWNER {OWNER}")

    def _execute(self, sql: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self.dsn("postgres", "postgres"))
            await connection.execute(sql)
            await connection.close()

        run_apart(execute())


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """A server on a free loopback port, stopped and removed afterwards."""
    account = account_for()
    folder = Path(tempfile.mkdtemp(prefix="own-postgres-"))
    os.chown(folder, account.uid, account.gid)
    binaries, data = programs(account), folder / "data"

    def call(program: str, *arguments: str) -> None:
        done = run(account, [binaries / program, *arguments], cwd=folder)
        assert done.returncode == 0, done.stderr

    try:
        (folder / "secret").write_text(SECRET)
        (folder / "secret").chmod(0o644)
        safe = ("-A", "scram-sha-256", f"--pwfile={folder / 'secret'}", "--no-sync")
        call("initdb", "-D", str(data), "-U", "postgres", "-E", "UTF8", *safe)
        server = OwnPostgres(free_port())
        with (data / "postgresql.conf").open("a") as file:
            file.write(f"{SETTINGS}port = {server.port}\n")
        call("pg_ctl", "start", "-D", str(data), "-l", str(folder / "log"), "-w")
        try:
            server._execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{SECRET}'")
            yield server
        finally:
            call("pg_ctl", "stop", "-D", str(data), "-m", "fast", "-w")
    finally:
        shutil.rmtree(folder)
