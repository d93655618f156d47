"""Every query on the organisation.

Must never commit: the edge does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, TypeVar

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from libs.common.bus.outbox import recorded_now
from services.approval.office.model import Body, Post, TenureRow, Window
from services.approval.office.states import BodyState, PostState, TenureState, WindowState

TABLES: Final = tuple(
    kind.metadata.tables[str(kind.__tablename__)] for kind in (Body, Window, Post, TenureRow)
)
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtext('approval organisation'))")
_CHAIN: Final = text(
    """
WITH RECURSIVE above(post, superior, height) AS (
    SELECT code, superior, 0 FROM post WHERE code = :post
    UNION ALL
    SELECT p.code, p.superior, a.height + 1 FROM post p JOIN above a ON p.code = a.superior
) CYCLE post SET came_back USING path
SELECT p.code, p.name, p.body, b.region, p.first_day <= :day
    AND (p.last_day IS NULL OR p.last_day >= :day) AS stands
FROM above a JOIN post p ON p.code = a.post JOIN body b ON b.code = p.body
WHERE NOT a.came_back
ORDER BY a.height
"""
)
_SCOPE: Final = text(
    "SELECT b.region, b.code FROM post p JOIN body b ON b.code = p.body WHERE p.code = :post"
)
Row = TypeVar("Row", Body, Window, Post)
Link = tuple[str, str, str, str, bool]
"""A post of a chain: code, name, body, region, whether it stands on the day."""


@dataclass(slots=True)
class Organisation:
    """All of it as it stands, by key."""

    bodies: dict[str, BodyState] = field(default_factory=dict)
    windows: dict[str, WindowState] = field(default_factory=dict)
    posts: dict[str, PostState] = field(default_factory=dict)
    tenures: dict[tuple[str, str, date], TenureState] = field(default_factory=dict)


async def lock(session: AsyncSession) -> datetime:
    """Wait until nobody else changes the organisation; the city's time.

    One lock for all of it: whether two posts lead each other shows only when both stand still.
    """
    await session.execute(_LOCK)
    return await recorded_now(session)


async def load(session: AsyncSession) -> Organisation:
    """The whole organisation; `lock` first where it is to be changed."""
    bodies, windows, posts, tenures = [
        (await session.execute(select(table))).mappings().all() for table in TABLES
    ]
    return Organisation(
        bodies={row["code"]: BodyState(**row) for row in bodies},
        windows={row["code"]: WindowState(**row) for row in windows},
        posts={row["code"]: PostState(**row) for row in posts},
        tenures={
            (row["post"], row["role"], row["first_day"]): TenureState(**row) for row in tenures
        },
    )


async def find(session: AsyncSession, kind: type[Row], code: str) -> Row | None:
    """One body, window or post."""
    return await session.get(kind, code)


async def page(
    session: AsyncSession,
    kind: type[Row],
    *,
    after: str | None,
    limit: int,
    region: str | None = None,
    **equal: str | None,
) -> Sequence[Row]:
    """Up to `limit` bodies, windows or posts by code after `after`.

    `equal`: columns and the value of each, None where it does not matter; `region`: the digits
    that a body's begins with.
    """
    statement = select(kind).order_by(col(kind.code)).limit(limit)
    for name, value in equal.items():
        if value is not None:
            statement = statement.where(getattr(kind, name) == value)
    if region is not None:
        statement = statement.where(col(Body.region).startswith(region, autoescape=True))
    if after is not None:
        statement = statement.where(col(kind.code) > after)
    return (await session.scalars(statement)).all()


async def tenures(session: AsyncSession, post: str) -> Sequence[TenureRow]:
    """Everyone who stood at a post, newest first."""
    order = (col(TenureRow.first_day).desc(), col(TenureRow.role))
    found = await session.scalars(
        select(TenureRow).where(col(TenureRow.post) == post).order_by(*order)
    )
    return found.all()


async def chain(session: AsyncSession, post: str, day: date) -> list[Link]:
    """The post and all that lead it, nearest first; empty: no such post."""
    rows = await session.execute(_CHAIN, {"post": post, "day": day})
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


async def scope(session: AsyncSession, post: str) -> tuple[str, str] | None:
    """Region (12 digits) and body of a post."""
    row = (await session.execute(_SCOPE, {"post": post})).one_or_none()
    return None if row is None else (row[0], row[1])
