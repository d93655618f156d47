"""Authorization codes: good once, for a minute, for the client that proves it asked (RFC 7636).

Must never be kept in the clear, nor be good a second time.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from libs.common.db.engine import Pool

GOOD_FOR: Final = timedelta(minutes=1)
_GIVE_SQL: Final = """
WITH old AS (DELETE FROM authorization_code WHERE ends_at <= $9)
INSERT INTO authorization_code
  (hash, client, redirect_uri, challenge, nonce, account, post, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
# Taken away by whoever shows it, right or wrong: a stolen code is good for nobody after.
_TAKE_SQL: Final = """
DELETE FROM authorization_code WHERE hash = $1
RETURNING client, redirect_uri, challenge, nonce, account, post, ends_at
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for."""

    client: str
    redirect_uri: str
    challenge: str
    nonce: str
    account: UUID
    post: str


async def give(pool: Pool, grant: Grant, *, now: datetime) -> str:
    """A new code."""
    code = secrets.token_urlsafe(32)
    values = (grant.client, grant.redirect_uri, grant.challenge, grant.nonce)
    await pool.execute(
        _GIVE_SQL, _hash(code), *values, grant.account, grant.post, now + GOOD_FOR, now
    )
    return code


async def take(
    pool: Pool, code: str, *, client: str, redirect_uri: str, verifier: str, now: datetime
) -> Grant | None:
    """What `code` stands for; None where it is unknown, used, old or another client's."""
    row = await pool.fetchrow(_TAKE_SQL, _hash(code))
    if row is None or row["ends_at"] <= now:
        return None
    grant = Grant(*(row[name] for name in Grant.__slots__))
    theirs = (grant.client, grant.redirect_uri) == (client, redirect_uri)
    proven = secrets.compare_digest(challenge_of(verifier), grant.challenge)
    return grant if theirs and proven else None


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
