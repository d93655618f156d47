"""PostgreSQL inside the platform's own data folder, reachable by a Unix socket only.

The server outlives the process that started it: whoever comes next attaches to it.
Must never open a network port, nor touch a folder written by a newer release.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import structlog

from libs.common.db import cluster
from libs.common.db.binaries import Account, account_for, programs, run
from libs.common.db.errors import StartFailedError

DATABASE = "sunlight"
START_SECONDS = 120
SOCKET_PATH_BYTES = 107  # sun_path of a Unix socket address, less its closing zero

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

Completed = subprocess.CompletedProcess[str]

# For data that nobody misses after a crash of the machine.
UNSAFE_BUT_FAST: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}

log = structlog.get_logger()


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A running server. `attached` says that another process had started it."""

    folder: Path
    socket_folder: Path
    pid: int
    attached: bool
    account: Account

    def dsn(self, user: str = "postgres", database: str = DATABASE) -> str:
        """A `postgresql://` URL, understood by asyncpg and SQLAlchemy alike."""
        return (
            f"postgresql://{quote(user)}@/{quote(database)}?host={quote(str(self.socket_folder))}"
        )

    def stop(self) -> None:
        """Stop the server, whoever started it; open connections are ended. Idempotent."""
        arguments = ["stop", "-D", str(self.folder), "-m", "fast", "-w", "-t", str(START_SECONDS)]
        done = _pg_ctl(self.account, self.folder, arguments)
        if done.returncode and cluster.postmaster(self.folder):
            raise StartFailedError(f"PostgreSQL {self.pid} would not stop: {done.stderr.strip()}")
        if self.socket_folder != self.folder:
            with contextlib.suppress(OSError):
                self.socket_folder.rmdir()


@contextlib.contextmanager
def temporary(*, settings: Mapping[str, str] | None = None) -> Iterator[EmbeddedPostgres]:
    """A server with an empty database, without waiting for the disk, removed afterwards."""
    data = Path(tempfile.mkdtemp(prefix="sunlight-"))
    if os.geteuid() == 0:
        data.chmod(0o711)  # for the server's account; the folder is ours and empty
    try:
        server = start(data, settings={**UNSAFE_BUT_FAST, **(settings or {})})
        try:
            yield server
        finally:
            server.stop()
            shutil.rmtree(server.folder)
    finally:
        shutil.rmtree(data)


def start(data: Path, *, settings: Mapping[str, str] | None = None) -> EmbeddedPostgres:
    """Create, start or attach to the server of the folder `data`.

    `settings` override `SETTINGS`; they take effect when the server starts, not on attaching.
    Raises FolderRefusedError for a folder of a newer release, StartFailedError otherwise.
    """
    data.mkdir(parents=True, exist_ok=True)
    data = data.resolve()
    chosen = {**SETTINGS, **(settings or {})}
    with _locked(data / "lock"):
        cluster.refuse_newer(data)
        folder = cluster.locate(data)
        if folder is None:
            folder = cluster.create(data, sync=chosen.get("fsync") != "off")
        cluster.mark(data)
        account = _owner(folder)
        server = _answering(account, folder)
        attached = server is not None
        if server is None:
            _start(account, folder, chosen)
            server = _answering(account, folder)
        if server is None:
            raise StartFailedError(f"PostgreSQL in {folder} died:\n{cluster.log_tail(folder)}")
        handle = EmbeddedPostgres(folder, server.socket_folder, server.pid, attached, account)
        _ensure_database(handle)
    log.info("embedded_postgres", folder=str(folder), pid=server.pid, attached=attached)
    return handle


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _owner(folder: Path) -> Account:
    uid = folder.stat().st_uid
    account = account_for(uid)
    if account.uid != uid:
        raise StartFailedError(f"{folder} belongs to user id {uid}, this process is {account.uid}")
    return account


def _answering(account: Account, folder: Path) -> cluster.Postmaster | None:
    """The running server once it accepts connections; None when there is none, or it dies."""
    deadline = time.monotonic() + START_SECONDS
    while server := cluster.postmaster(folder):
        command = [str(programs(account) / "pg_isready"), "-q", "-h", str(server.socket_folder)]
        if run(account, command, cwd=folder).returncode == 0:
            return server
        if time.monotonic() > deadline:
            raise StartFailedError(f"PostgreSQL {server.pid} in {folder} runs but does not answer")
        time.sleep(0.05)
    return None


def _start(account: Account, folder: Path, settings: Mapping[str, str]) -> None:
    cluster.clear_stale(folder)
    socket_folder = _socket_folder(account, folder)
    cluster.configure(
        folder, account, {**settings, "unix_socket_directories": f'"{socket_folder}"'}
    )
    arguments = ["start", "-D", str(folder), "-l", "server.log", "-w", "-t", str(START_SECONDS)]
    done = _pg_ctl(account, folder, arguments)
    if done.returncode:
        raise StartFailedError(f"PostgreSQL did not start in {folder}:\n{cluster.log_tail(folder)}")


def _pg_ctl(account: Account, folder: Path, arguments: list[str]) -> Completed:
    # pg_ctl gives the server a session of its own, so it survives the death of this process.
    command = [str(programs(account) / "pg_ctl"), *arguments]
    return run(account, command, cwd=folder, timeout=START_SECONDS + 10)


def _socket_folder(account: Account, folder: Path) -> Path:
    """The cluster itself, or a private folder with a short name when its path is too long."""
    if len(os.fsencode(folder / cluster.SOCKET_NAME)) <= SOCKET_PATH_BYTES:
        return folder
    short = Path(tempfile.gettempdir()) / f"sunlight-{cluster.short_name(folder)}"
    with contextlib.suppress(FileExistsError):
        short.mkdir(mode=0o700)
        os.chown(short, account.uid, account.gid)
    found = short.lstat()
    if short.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise StartFailedError(f"{short} exists and belongs to someone else: remove it")
    return short


def _ensure_database(server: EmbeddedPostgres) -> None:
    def psql(sql: str) -> str:
        program = programs(server.account) / "psql"
        command = [str(program), "-XAtq", "-d", server.dsn(database="postgres"), "-c", sql]
        done = run(server.account, command, cwd=server.folder)
        if done.returncode:
            raise StartFailedError(f"PostgreSQL in {server.folder} does not answer: {done.stderr}")
        return done.stdout.strip()

    if not psql(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):  # noqa: S608
        psql(f"CREATE DATABASE {DATABASE}")
