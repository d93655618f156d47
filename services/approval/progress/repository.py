"""Every query on tries, and the code of a case.

Must never commit: the service does. The same statements run whether or not the case exists.
"""

from datetime import datetime
from typing import Final

from libs.common.db.transaction import TransactionSession
from services.approval.progress.policy import CLOSED, WITHIN, Tries

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('progress ' || $1, 0))"
_TRIES: Final = """
SELECT city_now(), wrong, closed_until FROM (SELECT $1::varchar AS number) AS asked
  LEFT JOIN progress_try ON case_no = number
"""
_CODE: Final = 'SELECT query_code FROM "case" WHERE case_no = $1'
_KEEP: Final = """
INSERT INTO progress_try (case_no, wrong, last_at, closed_until) VALUES ($1, $2, $3, $4)
ON CONFLICT (case_no) DO UPDATE
   SET wrong = excluded.wrong, last_at = excluded.last_at, closed_until = excluded.closed_until
"""
# What no longer counts goes as new tries come, a few at a time.
_PRUNE: Final = """
DELETE FROM progress_try WHERE case_no IN (
    SELECT case_no FROM progress_try WHERE last_at < $1 LIMIT 20 FOR UPDATE SKIP LOCKED)
"""


async def locked_tries(session: TransactionSession, case_no: str) -> tuple[Tries, datetime]:
    """The tries on a number, which nobody else tries meanwhile, and the city's time."""
    await session.driver.execute(_LOCK, case_no)
    (row,) = await session.driver.fetch(_TRIES, case_no)
    return Tries(row[1] or (), row[2]), row[0]


async def code_of(session: TransactionSession, case_no: str) -> str | None:
    """The query code of a case; None: there is no such case."""
    found: str | None = await session.driver.fetchval(_CODE, case_no)
    return found


async def keep(session: TransactionSession, case_no: str, tries: Tries, now: datetime) -> None:
    """Write the tries on a number down."""
    await session.driver.execute(_KEEP, case_no, list(tries.wrong), now, tries.closed_until)
    # Last, and never waiting: two that each held what the other keeps would wait for ever.
    await session.driver.execute(_PRUNE, now - WITHIN - CLOSED)
