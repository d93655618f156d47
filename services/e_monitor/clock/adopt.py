"""Taking up a changed law: a correction, a new version, a new calendar notice.

What stands is a function of observations, rulebook and calendar. When either of the last two has
changed since the subjects were last folded, every subject is folded anew from its observations;
findings that no longer hold are rescinded, new ones made, in pages, each its own transaction. A
subject that can't be folded is set aside (`services.e_monitor.apart`), and the rest are taken up.
"""

from __future__ import annotations

from typing import Final

import structlog

from libs.common.bus import subjects as store
from libs.common.db.engine import Pool
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
SELECT subject FROM subject WHERE subject > $1 ORDER BY subject LIMIT $2
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
        async with store.acquired(pool) as connection:
            names = [row["subject"] for row in await connection.fetch(_PAGE_SQL, after, PAGE)]
        if names:
            await handler.apart.each(pool, names, handler.fold_anew)
            after = names[-1]
        async with store.acquired(pool) as connection:
            await connection.execute(_ON_SQL, after if names else None)
        done += len(names)
        if not names:
            break
    log.info("monitor.law_adopted", version=wanted, subjects=done)
    return done
