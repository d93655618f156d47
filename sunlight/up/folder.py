"""The data folder of an installation: one `sunlight up` at a time, its logs, what it left behind.

The lock is the operating system's and goes with the process, however that ends.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson

from sunlight.commands.failures import CouldNotRun

LOCK: Final = "up.lock"
LOG_BYTES: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder that is ours while we run. `unclean`: the last `up` did not end by itself."""

    path: Path
    unclean: bool

    def log(self, name: str) -> IO[bytes]:
        """The log file of a child, to append to; a long one is put aside first."""
        path = self.log_path(name)
        path.parent.mkdir(exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def log_path(self, name: str) -> Path:
        """Where a child's log is."""
        return self.path / "log" / f"{name}.log"


@contextlib.contextmanager
def held(path: Path, *, pid: int, url: str) -> Iterator[DataFolder]:
    """The folder, created if need be, locked until the block ends.

    Raises CouldNotRun when another `sunlight up` has it, or it can't be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        file = (path / LOCK).open("a+b")
    except OSError as error:
        raise CouldNotRun(
            f"数据文件夹 {path} 不能写:{error.strerror}。用 --data 另选一个",
            f"the data folder {path} can't be written: {error.strerror}. Choose one with --data",
        ) from error
    with file:
        before = _take(path, file)
        file.truncate(0)
        file.write(orjson.dumps({"pid": pid, "url": url}))
        file.flush()
        yield DataFolder(path, unclean=bool(before))
        file.truncate(0)


def _take(path: Path, file: IO[bytes]) -> dict[str, Any]:
    """Lock the file; what its last holder wrote and did not take back."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = _read(file)
        pid, url = other.get("pid", "?"), other.get("url", "?")
        raise CouldNotRun(
            f"已有一个 sunlight up(进程 {pid})在 {path} 上运行:{url}。"
            "先结束它,或用 --data 另选文件夹",
            f"another sunlight up (process {pid}) runs on {path}: {url}. "
            "End it first, or choose another folder with --data",
        ) from None
    return _read(file)


def _read(file: IO[bytes]) -> dict[str, Any]:
    file.seek(0)
    try:
        content = orjson.loads(file.read())
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
