"""Sessions of people: rows on the server, known by the hash of an id that only the browser has.

A session ends after a time without use, after its whole lifetime, and at once on sign-out. Must
never bring an ended session back: using one only updates a row that is there.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from libs.common.db.engine import Pool
from libs.common.identity.principal import Principal

TOUCH: Final = timedelta(minutes=1)
"""How far the recorded last use may lag: a row is not written on every request."""
_START_SQL: Final = """
INSERT INTO session (id, issuer, subject, post, office, region, roles, id_token, started_at,
  used_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)
"""
_FIND_SQL: Final = """
SELECT issuer, subject, post, office, region, roles, used_at FROM session
WHERE id = $1 AND ends_at > $2 AND used_at > $3
"""
_TOUCH_SQL: Final = "UPDATE session SET used_at = greatest(used_at, $2) WHERE id = $1"
_END_SQL: Final = "DELETE FROM session WHERE id = $1 RETURNING id_token"
_END_ALL_SQL: Final = "DELETE FROM session WHERE issuer = $1 AND subject = $2"
_SPEND_SQL: Final = """
WITH old AS (DELETE FROM spent_state WHERE ends_at <= $3)
INSERT INTO spent_state (hash, ends_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true
"""
_PRUNE_SQL: Final = """
DELETE FROM session WHERE ends_at <= $1 OR used_at <= $2
"""


@dataclass(frozen=True, slots=True)
class Sessions:
    """The rows, and how long one lives: `idle` without use, `lifetime` in all."""

    pool: Pool
    idle: timedelta
    lifetime: timedelta

    async def start(self, principal: Principal, *, id_token: str, now: datetime) -> str:
        """A new session's id, 256 random bits; rows that have ended are removed on the way."""
        made = secrets.token_urlsafe(32)
        who = principal
        roles = sorted(who.roles)
        values = (who.issuer, who.subject, who.post, who.office, who.region, roles, id_token)
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(_PRUNE_SQL, now, now - self.idle)
            await connection.execute(_START_SQL, _hash(made), *values, now, now + self.lifetime)
        return made

    async def find(self, session: str, *, now: datetime, use: bool = True) -> Principal | None:
        """Who the session is, None once it has ended. `use`: whether it counts as one."""
        row = await self.pool.fetchrow(_FIND_SQL, _hash(session), now, now - self.idle)
        if row is None:
            return None
        if use and now - row["used_at"] >= TOUCH:
            await self.pool.execute(_TOUCH_SQL, _hash(session), now)
        return Principal(
            row["issuer"],
            row["subject"],
            row["post"],
            row["office"],
            row["region"],
            frozenset(row["roles"]),
        )

    async def end(self, session: str) -> str | None:
        """End a session; its ID token, None where it had ended before."""
        found: str | None = await self.pool.fetchval(_END_SQL, _hash(session))
        return found

    async def end_all(self, issuer: str, subject: str) -> None:
        """End every session of a subject."""
        await self.pool.execute(_END_ALL_SQL, issuer, subject)

    async def spend(self, state: str, *, ends_at: datetime, now: datetime) -> bool:
        """Use a sign-in's state, which is good once; False when it has been used."""
        return bool(await self.pool.fetchval(_SPEND_SQL, _hash(state), ends_at, now))


def _hash(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()
