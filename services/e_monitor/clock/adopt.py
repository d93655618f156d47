"""Taking up a changed law: a correction, a new version, a new calendar notice.

What stands is a function of observations, rulebook and calendar. When either of the last two has
changed since the subjects were last folded, every subject is folded anew from its observations;
findings that no longer hold are rescinded, new ones made, in pages, each its own transaction.
"""

from __future__ import annotations

from typing import Final

import structlog

from libs.common.bus import subjects as store
from libs.common.db.engine import Connection, Pool
from libs.common.law.dossier import Dossier
from libs.common.law.fold import Fold
from services.e_monitor.clock.handlers import MonitorHandler

PAGE: Final = 500
_ADOPTED_SQL: Final = "SELECT version, upto FROM law"
_BEGIN_SQL: Final = """
INSERT INTO law (id, version, upto) VALUES (1, $1, '')
ON CONFLICT (id) DO UPDATE SET version = excluded.version, upto = excluded.upto
"""
_ON_SQL: Final = "UPDATE law SET upto = $1"
_PAGE_SQL: Final = """
SELECT subject, partition, sequences, blocked, state, next_check_at FROM subject
WHERE subject > $1 ORDER BY subject LIMIT $2 FOR UPDATE
"""
log = structlog.get_logger("monitor")


def law_version(fold: Fold) -> str:
    """Which law this process applies: the rulebook's version and the calendar's."""
    return f"{fold.book.version}/{fold.calendar.version}"


async def adopt(pool: Pool, handler: MonitorHandler) -> int:
    """Refold every subject if the law changed since the last time; how many were refolded.

    Goes on where an interrupted adoption stopped.
    """
    wanted = law_version(handler.fold)
    async with store.acquired(pool) as connection, connection.transaction():
        row = await connection.fetchrow(_ADOPTED_SQL)
        if row is not None and row["version"] == wanted and row["upto"] is None:
            return 0
        if row is None or row["version"] != wanted:
            await connection.execute(_BEGIN_SQL, wanted)
        after = row["upto"] if row is not None and row["version"] == wanted else ""
    done = 0
    while True:
        async with store.acquired(pool) as connection, connection.transaction():
            count, after = await _page(connection, handler, after)
            await connection.execute(_ON_SQL, after if count else None)
        done += count
        if not count:
            break
    log.info("monitor.law_adopted", version=wanted, subjects=done)
    return done


async def _page(connection: Connection, handler: MonitorHandler, after: str) -> tuple[int, str]:
    rows = await connection.fetch(_PAGE_SQL, after, PAGE)
    subjects = {row["subject"]: store.read(row) for row in rows}
    if not subjects:
        return 0, after
    effects = handler.begin(await store.horizons(connection))
    for name, subject in subjects.items():
        effects.dossiers[name] = Dossier.unpack(subject.state or {})
        effects.late.add(name)
    await effects.write(connection, subjects)
    await store.save(connection, subjects.values())
    return len(subjects), str(rows[-1]["subject"])
