"""`sunlight files orphans`: stored files that no row names, counted and, if asked for, deleted.

Must never delete what a row names, what was kept within a day, or anything it was not asked to.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from sunlight.commands.database import FOLDER, at_hand
from sunlight.commands.failures import CouldNotRun
from sunlight.commands.language import say
from sunlight.commands.options import Data, Json

VARIABLE: Final = "APPROVAL_FILES"
Days = Annotated[
    int | None,
    typer.Option(
        "--delete-older-than",
        metavar="DAYS",
        min=1,
        max=36_500,
        help=say(
            "删除存放超过这些天的;不给则只统计,不删除",
            "delete those kept longer ago than this; without it they are only counted",
        ),
    ),
]


@dataclass(slots=True)
class Counted:
    """How many orphans there are with their bytes, and how many of them were deleted."""

    folder: str
    files: int = 0
    bytes: int = 0
    deleted: int = 0
    deleted_bytes: int = 0

    def add(self, size: int, *, deleted: bool) -> None:
        """One more, of `size` bytes."""
        self.files += 1
        self.bytes += size
        self.deleted += deleted
        self.deleted_bytes += size if deleted else 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help=say("材料文件。", "Stored files."))
    group.callback()(_group)
    help_text = say("没有办件引用的文件。", "Files that no case names.")
    group.command("orphans", help=help_text)(list_orphans)
    app.add_typer(group, name="files")


def _group() -> None:
    """A group of its own even with one command."""


def list_orphans(
    *, delete_older_than: Days = None, data: Data = None, as_json: Json = False
) -> None:
    """Uploads whose command failed, or that broke off, and that are older than a day."""
    from sunlight.commands.output import print_json, print_text, quiet_logs

    folder = _folder(data)
    older = None if delete_older_than is None else timedelta(days=delete_older_than)
    quiet_logs()
    with at_hand(data):
        found = asyncio.run(_counted(folder, older))
    if as_json:
        print_json(asdict(found))
        return
    print_text(_sentence(found))


def _folder(data: str | None) -> Path:
    """The folder of files; a data folder's own only together with that folder's database."""
    named = os.environ.get(VARIABLE)
    if not named and (data or not any(name.startswith("DATABASE_URL") for name in os.environ)):
        named = str(Path(data or FOLDER) / "files")
    if not named or not Path(named).is_dir():
        raise CouldNotRun(
            f"没有材料文件夹 {named or ''}。用 {VARIABLE} 或 --data 指明",
            f"no folder of files {named or ''}. Name it by {VARIABLE} or --data",
        )
    return Path(named)


async def _counted(folder: Path, older: timedelta | None) -> Counted:
    from libs.common.db.engine import engine, service_dsn, session_factory
    from libs.common.files.disk import DiskStore
    from libs.common.files.orphans import GRACE, orphans
    from services.approval.material.repository import referred

    # The disk's own time, also where the city's clock stands still or runs ahead.
    store, now, found = DiskStore(folder), datetime.now(UTC), Counted(str(folder))
    before = None if older is None else now - older
    for draft in store.forsaken(before=now - GRACE):
        found.add(draft.stat().st_size, deleted=before is not None and store.drop(draft, before))
    database = engine(service_dsn("approval", os.environ), "approval")
    try:
        async with session_factory(database)() as session:
            async for digest in orphans(store, lambda page: referred(session, page), now=now):
                size = store.size(digest)
                deleted = before is not None and await store.discard(digest, before=before)
                found.add(size, deleted=deleted)
    finally:
        await database.dispose()
    return found


def _sentence(found: Counted) -> str:
    one = "file" if found.files == 1 else "files"
    return say(
        f"{found.folder}:没有办件引用的文件 {found.files} 个,共 {found.bytes} 字节;"
        f"已删除 {found.deleted} 个,{found.deleted_bytes} 字节",
        f"{found.folder}: {found.files} {one}, {found.bytes} bytes, that no case names; "
        f"deleted {found.deleted}, {found.deleted_bytes} bytes",
    )
