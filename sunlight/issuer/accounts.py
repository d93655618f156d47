"""Accounts of the built-in issuer, the posts they act from, and programs that are its clients.

Every query on these tables. Must never return a password's hash to anything but its check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from libs.common.db.engine import Connection, Pool

_FIND_SQL: Final = """
SELECT id, password FROM account WHERE login = $1 AND disabled_at IS NULL
"""
_POSTS_SQL: Final = """
SELECT p.post, p.office, p.region, p.roles FROM account_post p JOIN account a ON a.id = p.account
WHERE p.account = $1 AND a.disabled_at IS NULL ORDER BY p.post
"""
_CLIENT_SQL: Final = """
SELECT secret, post, office, region, roles FROM client WHERE id = $1 AND disabled_at IS NULL
"""
_ADD_SQL: Final = "INSERT INTO account (id, login, password, created_at) VALUES ($1, $2, $3, $4)"
_ADD_POST_SQL: Final = """
INSERT INTO account_post (account, post, office, region, roles) VALUES ($1, $2, $3, $4, $5)
"""
_ADD_CLIENT_SQL: Final = """
INSERT INTO client (id, secret, post, office, region, roles, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_CLIENTS_SQL: Final = """
SELECT id, post, office, region, roles, created_at, disabled_at FROM client ORDER BY id
"""
_REVOKE_SQL: Final = """
UPDATE client SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL
RETURNING post, office, region, roles
"""
_CHANGE_SQL: Final = """
UPDATE account SET password = $2 WHERE login = $1 AND disabled_at IS NULL RETURNING id
"""
_DISABLE_SQL: Final = """
UPDATE account SET disabled_at = $2 WHERE login = $1 AND disabled_at IS NULL RETURNING id
"""
# The subject of an ID token is the account's id; this schema has no other issuer's of that form.
_END_SESSIONS_SQL: Final = "DELETE FROM session WHERE subject = $1"
_AUDIT_SQL: Final = """
INSERT INTO account_audit (at, what, account, post, office) VALUES ($1, $2, $3, $4, $5)
"""


class LoginTaken(Exception):
    """There is an account, or a client, of this name already."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post that an account may act from."""

    post: str
    office: str
    region: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Client:
    """A program that gets tokens for its secret, and acts from a post of its own."""

    name: str
    post: Post
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credential:
    """An account's id and the hash of its password."""

    id: UUID
    password: str


async def find(pool: Pool, login: str) -> Credential | None:
    """The account of a login, None where there is none or it is disabled."""
    row = await pool.fetchrow(_FIND_SQL, login)
    return Credential(row["id"], row["password"]) if row else None


async def posts(pool: Pool, account: UUID) -> list[Post]:
    """The posts of an account by code; none for a disabled one."""
    return [_post(row) for row in await pool.fetch(_POSTS_SQL, account)]


async def client(pool: Pool, name: str) -> tuple[str, Post] | None:
    """The secret's hash and the post of a client, None where there is none."""
    row = await pool.fetchrow(_CLIENT_SQL, name)
    return (row["secret"], _post(row)) if row else None


async def add(
    connection: Connection,
    *,
    account: UUID,
    login: str,
    password: str,
    held: Sequence[Post],
    now: datetime,
) -> None:
    """A new account with the hash of its password. Raises LoginTaken."""
    try:
        async with connection.transaction():
            await connection.execute(_ADD_SQL, account, login, password, now)
            for post in held:
                await connection.execute(_ADD_POST_SQL, account, *_values(post))
                await audit(connection, "created", account=account, post=post, now=now)
    except asyncpg.UniqueViolationError as error:
        raise LoginTaken(login) from error


async def add_client(
    connection: Connection, *, name: str, secret: str, post: Post, now: datetime
) -> None:
    """A new client with the hash of its secret. Raises LoginTaken."""
    try:
        async with connection.transaction():
            await connection.execute(_ADD_CLIENT_SQL, name, secret, *_values(post), now)
            await audit(connection, "client created", post=post, now=now)
    except asyncpg.UniqueViolationError as error:
        raise LoginTaken(name) from error


async def clients(connection: Connection) -> list[Client]:
    """Every client there ever was, by name."""
    rows = await connection.fetch(_CLIENTS_SQL)
    return [Client(row["id"], _post(row), row["created_at"], row["disabled_at"]) for row in rows]


async def revoke(connection: Connection, name: str, *, now: datetime) -> bool:
    """Give a client no token any more; False where none of this name is in use."""
    async with connection.transaction():
        row = await connection.fetchrow(_REVOKE_SQL, name, now)
        if row is not None:
            await audit(connection, "client revoked", post=_post(row), now=now)
    return row is not None


async def change_password(
    connection: Connection, login: str, password: str, *, now: datetime
) -> UUID | None:
    """Another hash, and the account's sessions end; its id, None where none is in use."""
    async with connection.transaction():
        found: UUID | None = await connection.fetchval(_CHANGE_SQL, login, password)
        if found is not None:
            await connection.execute(_END_SESSIONS_SQL, str(found))
            await audit(connection, "password changed", account=found, now=now)
    return found


async def disable(connection: Connection, login: str, *, now: datetime) -> UUID | None:
    """Refuse an account from now on and end its sessions; its id, None where none is in use."""
    async with connection.transaction():
        found: UUID | None = await connection.fetchval(_DISABLE_SQL, login, now)
        if found is not None:
            await connection.execute(_END_SESSIONS_SQL, str(found))
            await audit(connection, "disabled", account=found, now=now)
    return found


async def audit(
    connection: Connection | Pool,
    what: str,
    *,
    now: datetime,
    account: UUID | None = None,
    post: Post | None = None,
) -> None:
    """Record what was done with an account, or with a client's post; the table only grows."""
    names = (post.post, post.office) if post else (None, None)
    await connection.execute(_AUDIT_SQL, now, what, account, *names)


def _post(row: Any) -> Post:
    return Post(row["post"], row["office"], row["region"], tuple(row["roles"]))


def _values(post: Post) -> tuple[str, str, str, list[str]]:
    return post.post, post.office, post.region, sorted(post.roles)
