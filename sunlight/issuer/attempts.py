"""How often a password may be tried: by account and address, by account, and by address.

An attempt counts before its password is looked at, so that many at once are no way round. Must
never keep an account's name or an address in the clear.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from libs.common.db.engine import Pool

WINDOW: Final = timedelta(minutes=15)
LIMITS: Final = {"pair": 10, "account": 100, "address": 100}
"""The account's own limit is wide, so that a stranger can hardly lock its holder out."""
_COUNT_SQL: Final = """
WITH old AS (DELETE FROM attempt WHERE at <= $3)
INSERT INTO attempt (key, at) SELECT unnest($1::bytea[]), $2
"""
_TRIED_SQL: Final = (
    "SELECT key, count(*) AS tried FROM attempt WHERE key = ANY($1) AND at > $2 GROUP BY key"
)
# Of the account's and the address's attempts one is taken back, this one; the wrong ones stay.
_FORGET_SQL: Final = """
DELETE FROM attempt WHERE key = $1 OR ctid = ANY(ARRAY(
  SELECT DISTINCT ON (key) ctid FROM attempt WHERE key = ANY($2) AND at = $3 ORDER BY key))
"""


async def allowed(pool: Pool, login: str, address: str, *, now: datetime) -> bool:
    """Count an attempt; False where one too many was made within `WINDOW`."""
    keys = _keys(login, address)
    await pool.execute(_COUNT_SQL, list(keys.values()), now, now - WINDOW)
    rows = await pool.fetch(_TRIED_SQL, list(keys.values()), now - WINDOW)
    tried = {row["key"]: row["tried"] for row in rows}
    return all(tried.get(key, 0) <= LIMITS[kind] for kind, key in keys.items())


async def forget(pool: Pool, login: str, address: str, *, now: datetime) -> None:
    """After the right password, tried at `now`: this account from this address starts anew.

    The attempt counts for nobody else: an office behind one address may sign in all at once.
    """
    keys = _keys(login, address)
    await pool.execute(_FORGET_SQL, keys["pair"], [keys["account"], keys["address"]], now)


def _keys(login: str, address: str) -> dict[str, bytes]:
    named = {
        "pair": f"pair\0{login}\0{address}",
        "account": f"account\0{login}",
        "address": f"address\0{address}",
    }
    return {kind: hashlib.sha256(text.encode()).digest() for kind, text in named.items()}
