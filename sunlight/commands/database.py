"""The database that a command of the running installation works on.

`DATABASE_URL` where it is set, else the embedded one of a data folder, which must be running or is
started for as long as the command takes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sunlight.commands.failures import CouldNotRun

FOLDER: Final = "var/sunlight"


@contextlib.contextmanager
def at_hand(data: str | None) -> Iterator[None]:
    """`DATABASE_URL` is set while the block runs. Raises CouldNotRun where there is no data."""
    if data is None and any(name.startswith("DATABASE_URL") for name in os.environ):
        yield
        return
    folder = Path(data or FOLDER)
    if not folder.is_dir():
        raise CouldNotRun(
            f"没有数据文件夹 {folder}。先运行 sunlight up,或用 --data、DATABASE_URL 指明",
            f"no data folder {folder}. Run sunlight up first, or name it by --data or DATABASE_URL",
        )
    from sunlight.up.place import start_server

    server = start_server(folder)
    before = os.environ.get("DATABASE_URL")
    os.environ["DATABASE_URL"] = server.dsn()
    try:
        yield
    finally:
        if before is None:
            del os.environ["DATABASE_URL"]
        else:
            os.environ["DATABASE_URL"] = before
        if not server.attached:
            server.stop()
