"""Records of files into the approval service's database."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

import yaml
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from libs.common.codes import Region
from libs.common.db import migrations
from libs.common.db.engine import engine, service_dsn, session_factory
from libs.common.identity.actor import Actor
from services.approval.imports import Outcome, Record
from services.approval.item import importing as items
from services.approval.office import entries as office
from services.approval.office.importing import MAX_RECORDS, import_organisation
from services.approval.settings import Settings
from sunlight.commands.failures import CouldNotRun
from sunlight.importing.document import read_document
from sunlight.importing.file import Content, FileRefusedError, Layout, suffix_of
from sunlight.importing.table import read_table

Progress: TypeAlias = Callable[[str, int, int | None], None]
Sessions: TypeAlias = async_sessionmaker[AsyncSession]
OPERATOR: Final = Actor("sunlight import", "-", "-", frozenset())
"""Who acts at the command line: whoever may open the database."""
LAYOUTS: Final[Mapping[str, Layout]] = {
    "items": Layout(items.FIELDS, items.COLUMNS, items.REQUIRED, {"items": {}}),
    "organisation": Layout(
        office.FIELDS,
        office.COLUMNS,
        office.REQUIRED,
        {
            "bodies": {"kind": "body"},
            "windows": {"kind": "window"},
            "posts": {"kind": "post"},
            "tenures": {"kind": "tenure"},
        },
    ),
}


LIMITS: Final[Mapping[str, int]] = {"items": 1_000_000, "organisation": MAX_RECORDS}
"""Records of one file, rejects among them: those of the organisation are one transaction."""


@dataclass(frozen=True, slots=True)
class Options:
    """How files are read, and what may come of them."""

    kind: str
    encoding: str = "utf-8"
    mapping: Path | None = None
    within: Region | None = None
    first_day: date | None = None
    dry_run: bool = False


def read(path: Path, options: Options) -> Content:
    """The records of a file. Raises FileRefusedError."""
    suffix = suffix_of(path)
    layout = LAYOUTS[options.kind]
    if options.mapping is not None:
        layout = layout.with_mapping(_mapping(options.mapping, layout))
    most = LIMITS[options.kind]
    if suffix == ".csv":
        return read_table(path, layout, options.encoding, most)
    return read_document(path, layout, options.encoding, suffix, most)


def _mapping(path: Path, layout: Layout) -> dict[str, str]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FileRefusedError(path, f"无法读取:{error}", f"can't be read: {error}") from error
    if not isinstance(content, dict) or not all(isinstance(v, str) for v in content.values()):
        raise FileRefusedError(path, "应为 字段: 列名", "should be `field: column`")
    unknown = sorted(str(name) for name in content.keys() - layout.fields)
    if unknown:
        names = ", ".join(unknown)
        raise FileRefusedError(path, f"没有字段 {names}", f"no such field: {names}")
    return {str(name): column for name, column in content.items()}


@asynccontextmanager
async def sessions(service: str) -> AsyncIterator[Sessions]:
    """Sessions of a service's database, which must be migrated."""
    dsn = service_dsn(service, os.environ)
    found, wanted = await migrations.current(dsn, service), migrations.head(service)
    if found != wanted:
        raise CouldNotRun(
            f"{service} 库版本为 {found},应为 {wanted};先运行 sunlight migrate {service}",
            f"the {service} schema is at {found}, not {wanted}: run `sunlight migrate {service}`",
        )
    database = engine(dsn, service, pool_size=1, application="sunlight-import")
    try:
        yield session_factory(database)
    finally:
        await database.dispose()


async def import_all(
    contents: Sequence[tuple[Path, Content]], options: Options, progress: Progress
) -> list[tuple[Path, Outcome]]:
    """What came of each file, in order."""
    outcomes = []
    take = _items if options.kind == "items" else _organisation
    async with sessions("approval") as opened:
        for path, content in contents:
            try:
                outcome = await take(content.records, options, opened, progress)
            except DBAPIError as error:
                raise broken_off(path, error) from error
            outcome.read += len(content.rejects)
            outcome.rejects += content.rejects
            outcome.rejects.sort(key=lambda reject: reject.line)
            outcomes.append((path, outcome))
    return outcomes


def broken_off(path: Path, error: Exception) -> CouldNotRun:
    """The database ended it, as it does with a transaction of more than its time."""
    reason = error.orig if isinstance(error, DBAPIError) else error
    return CouldNotRun(
        f"{path}:数据库中断了导入({reason});再次导入即从中断处继续",
        f"{path}: the database broke the import off ({reason}); do it again to go on",
    )


async def _organisation(
    records: Sequence[Record], options: Options, opened: Sessions, progress: Progress
) -> Outcome:
    async with opened.begin() as session:
        outcome = await import_organisation(
            session,
            OPERATOR,
            records,
            zone=Settings().zone_info,
            within=options.within,
            dry_run=options.dry_run,
        )
    progress("write", len(records), len(records))
    return outcome


async def _items(
    records: Sequence[Record], options: Options, opened: Sessions, progress: Progress
) -> Outcome:
    run = items.ItemImport(
        OPERATOR,
        Settings().zone_info,
        within=options.within,
        first_day=options.first_day,
        dry_run=options.dry_run,
    )
    for start in range(0, len(records), items.BATCH):
        async with opened.begin() as session:
            await run.take(session, records[start : start + items.BATCH])
        progress("write", min(start + items.BATCH, len(records)), len(records))
    return run.outcome
