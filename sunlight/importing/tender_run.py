"""Tenders of files into the trading service's database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError

from libs.common.db.transaction import transaction
from libs.common.identity.actor import Actor
from services.resource_trading.history.service import BATCH, Origin, Recorded, TenderImport
from services.resource_trading.history.system import SystemNameError, system_name
from services.resource_trading.history.told import Outcome
from services.resource_trading.tender.repository import city_now
from sunlight.importing.file import FileRefusedError
from sunlight.importing.run import Progress, broken_off, sessions
from sunlight.importing.tenders import PREFIX, TenderReading, mapping_for
from sunlight.recording import RecordingMapping

OPERATOR: Final = Actor("sunlight import", "-", "-", frozenset())
"""Who acts at the command line: whoever may open the database."""


@dataclass(frozen=True, slots=True)
class TenderOptions:
    """Whose tenders they become, and how they are read. Without a `system` the mapping's name.

    `mandatory`: what is declared of all of them; None declares nothing.
    """

    region: str
    office: str
    mapping: str | None = None
    system: str | None = None
    recorded: Recorded = "given"
    mandatory: bool | None = None
    dry_run: bool = False


async def import_tenders(
    files: Sequence[Path], options: TenderOptions, progress: Progress
) -> Outcome:
    """Import every file as one: records of one tender may stand in several.

    Raises FileRefusedError before anything is imported, CouldNotRun where the database ended it.
    """
    mapping = mapping_for(options.mapping, files)
    origin = _origin(options, mapping)
    async with sessions("trading") as opened:
        try:
            async with transaction(opened) as session:
                now = await city_now(session)
            reading = TenderReading(mapping, now)
            for path in files:
                reading.read_file(path, progress)
            run = TenderImport(OPERATOR, origin, reading.histories(), dry_run=options.dry_run)
            histories = run.read.histories
            for start in range(0, len(histories), BATCH):
                async with transaction(opened) as session:
                    await run.take(session, histories[start : start + BATCH])
                progress("write", min(start + BATCH, len(histories)), len(histories))
        except (DBAPIError, asyncpg.PostgresError) as error:
            raise broken_off(files[0], error) from error
    return run.closed()


def _origin(options: TenderOptions, mapping: RecordingMapping) -> Origin:
    try:
        system = system_name(options.system or mapping.name.removeprefix(PREFIX))
    except SystemNameError as error:
        raise FileRefusedError(
            Path(mapping.name),
            f"{error.zh};请用 --source 指明来源系统",
            f"{error.en}; name the system with --source",
        ) from error
    return Origin(
        system,
        options.region,
        options.office,
        mapping.regime,
        options.recorded,
        options.mandatory,
    )
