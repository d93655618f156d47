"""The embedded server's folder on disk: where it lies, which release wrote it, who runs in it.

    DATA/sunlight.json   format of the folder, written by the platform
    DATA/cluster         PostgreSQL's own data folder, or a link to one under SYSTEM_FOLDER
    DATA/lock            held while a server is started

Must never delete data, nor remove a pid file while a process still works in the folder.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import structlog

from libs.common.db.binaries import (
    POSTGRES_MAJOR,
    Account,
    account_for,
    programs,
    reachable,
    run,
    system_folder,
)
from libs.common.db.errors import FolderRefusedError, StartFailedError

FORMAT = 1
MARKER = "sunlight.json"
LINK = "cluster"
ORPHAN_SECONDS = 20
SOCKET_NAME = ".s.PGSQL.5432"

log = structlog.get_logger()


@dataclass(frozen=True)
class Postmaster:
    """What a running server wrote into its pid file."""

    pid: int
    socket_folder: Path


def short_name(path: Path) -> str:
    """Twelve hexadecimal digits that stand for `path`."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def refuse_newer(data: Path) -> None:
    """Raise FolderRefusedError when `data` was written by another format or PostgreSQL release."""
    marker = data / MARKER
    if marker.exists():
        written = json.loads(marker.read_text("utf-8")).get("format")
        if not isinstance(written, int) or written > FORMAT:
            raise FolderRefusedError(
                f"{data} has data folder format {written}; this release reads up to format "
                f"{FORMAT}. Use the newer release, or another folder."
            )
    version = data / LINK / "PG_VERSION"
    if version.exists() and (found := version.read_text("ascii").strip()) != str(POSTGRES_MAJOR):
        raise FolderRefusedError(
            f"{data} was written by PostgreSQL {found}; this release carries PostgreSQL "
            f"{POSTGRES_MAJOR}. Dump it with PostgreSQL {found} and restore it into a new folder."
        )


def mark(data: Path) -> None:
    """Write the format marker once."""
    marker = data / MARKER
    if not marker.exists():
        body = {"format": FORMAT, "postgres": POSTGRES_MAJOR}
        marker.write_text(json.dumps(body) + "\n", "utf-8")


def locate(data: Path) -> Path | None:
    """PostgreSQL's folder below `data`, links resolved, or None when there is none yet."""
    link = data / LINK
    if link.is_symlink() and not link.exists():
        raise StartFailedError(f"{link} points to {link.readlink()}, which is gone: restore it")
    return link.resolve() if link.exists() else None


def create(data: Path, *, sync: bool) -> Path:
    """Make a new cluster; complete or not there at all, even when killed half-way."""
    account = account_for()
    inside = reachable(account, data)
    scratch = Path(
        tempfile.mkdtemp(prefix="new-", dir=data)
        if inside
        else tempfile.mkdtemp(prefix=f"{data.name}-", dir=system_folder())
    )
    os.chown(scratch, account.uid, account.gid)
    try:
        _initdb(account, scratch, sync=sync)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    if inside:
        return scratch.rename(data / LINK)
    log.warning("embedded_postgres_elsewhere", data=str(data), folder=str(scratch))
    (data / LINK).symlink_to(scratch)
    return scratch


def _initdb(account: Account, folder: Path, *, sync: bool) -> None:
    program = programs(account) / "initdb"
    command = [str(program), "-D", str(folder), "-U", "postgres", "-A", "trust"]
    # The builtin provider sorts and folds the same on every machine, whatever its C library.
    options = ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    done = run(account, [*command, *options, *([] if sync else ["--no-sync"])], cwd=folder)
    if done.returncode:
        raise StartFailedError(f"initdb failed in {folder}: {done.stderr.strip()}")
    with (folder / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("include 'sunlight.conf'\n")


def configure(folder: Path, account: Account, settings: Mapping[str, str]) -> None:
    """Write the settings that the next start reads."""
    lines = [
        f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()
    ]
    fresh = folder / "sunlight.conf.new"
    fresh.unlink(missing_ok=True)
    with fresh.open("x", encoding="utf-8") as file:
        file.writelines(lines)
    os.chown(fresh, account.uid, account.gid)
    fresh.replace(folder / "sunlight.conf")


def postmaster(folder: Path) -> Postmaster | None:
    """The server that runs in `folder`; None when its pid is dead or someone else's."""
    try:
        lines = (folder / "postmaster.pid").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return None
    if not lines or not _works_in(int(lines[0]), folder):
        return None
    return Postmaster(int(lines[0]), _socket_folder(lines, folder))


def clear_stale(folder: Path) -> None:
    """Make way for a start after a crash.

    Backends outlive a killed server by a moment: they are waited for, since a second server
    beside them would damage the data. PostgreSQL replaces lock files of a dead process itself;
    it stops at those whose number now belongs to a stranger, or to a dead server that its
    parent has not yet collected, so these are removed.
    """
    pid_file = folder / "postmaster.pid"
    if not pid_file.exists():
        return
    deadline = time.monotonic() + ORPHAN_SECONDS
    while workers := [pid for pid in psutil.pids() if _works_in(pid, folder)]:
        if time.monotonic() > deadline:
            raise StartFailedError(f"processes {workers} of a dead server still work in {folder}")
        time.sleep(0.05)
    lines = pid_file.read_text("utf-8").splitlines()
    if lines and psutil.pid_exists(int(lines[0])):
        (_socket_folder(lines, folder) / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
        pid_file.unlink()


def log_tail(folder: Path, lines: int = 20) -> str:
    """The end of the server's log, for error messages."""
    path = folder / "server.log"
    return (
        "\n".join(path.read_text("utf-8", "replace").splitlines()[-lines:]) if path.exists() else ""
    )


def _socket_folder(pid_file: list[str], folder: Path) -> Path:
    return Path(pid_file[4]) if len(pid_file) > 4 and pid_file[4] else folder


def _works_in(pid: int, folder: Path) -> bool:
    # PostgreSQL's processes have the data folder as their working folder.
    try:
        process = psutil.Process(pid)
        if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()) == folder
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
