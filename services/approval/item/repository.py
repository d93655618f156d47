"""Every query on items.

Must never commit: the edge does.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from libs.common.bus.outbox import recorded_now
from services.approval.item.model import ItemVersion

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtext('approval item'))")
_STRANGERS: Final = text(
    "SELECT code FROM unnest(CAST(:codes AS varchar[])) AS named(code)"
    " WHERE NOT EXISTS (SELECT FROM body WHERE body.code = named.code)"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items a list shows; None: no matter which."""

    item_type: str | None = None
    body: str | None = None
    region: str | None = None
    text: str | None = None


async def lock(session: AsyncSession) -> datetime:
    """Wait until nobody else changes the catalogue; the city's time."""
    await session.execute(_LOCK)
    return await recorded_now(session)


async def versions(session: AsyncSession, codes: Collection[str]) -> dict[str, list[ItemVersion]]:
    """All versions of each of `codes` that has any, by number."""
    wanted = col(ItemVersion.code) == func.any(bindparam("codes", list(codes)))
    order = (col(ItemVersion.code), col(ItemVersion.version))
    found: dict[str, list[ItemVersion]] = defaultdict(list)
    for row in await session.scalars(select(ItemVersion).where(wanted).order_by(*order)):
        found[row.code].append(row)
    return found


def _holds(day: date) -> ColumnElement[bool]:
    """Whether a version is the one that holds on `day` (`policy.holding`)."""
    other = aliased(ItemVersion)
    newest = (
        select(func.max(other.version))
        .where(col(other.code) == col(ItemVersion.code), col(other.first_day) <= day)
        .scalar_subquery()
    )
    return col(ItemVersion.version) == newest


async def on(session: AsyncSession, code: str, day: date) -> ItemVersion | None:
    """The version of an item that holds on `day`; None: the item can't be applied for then."""
    held = (col(ItemVersion.code) == code, _holds(day), ~col(ItemVersion.withdrawn))
    return (await session.scalars(select(ItemVersion).where(*held))).one_or_none()


async def page(
    session: AsyncSession, day: date, wanted: Wanted, *, after: str | None, limit: int
) -> Sequence[ItemVersion]:
    """Up to `limit` items by code after `after`, each in the version that holds on `day`."""
    conditions = [_holds(day), ~col(ItemVersion.withdrawn)]
    if wanted.item_type is not None:
        conditions.append(col(ItemVersion.item_type) == wanted.item_type)
    if wanted.body is not None:
        conditions.append(col(ItemVersion.body) == wanted.body)
    if wanted.region is not None:
        conditions.append(col(ItemVersion.region).startswith(wanted.region, autoescape=True))
    if wanted.text is not None:
        conditions.append(col(ItemVersion.name).contains(wanted.text, autoescape=True))
    if after is not None:
        conditions.append(col(ItemVersion.code) > after)
    statement = select(ItemVersion).where(*conditions).order_by(col(ItemVersion.code))
    return (await session.scalars(statement.limit(limit))).all()


async def strangers(session: AsyncSession, bodies: Collection[str]) -> list[str]:
    """Those of `bodies` that the organisation does not know."""
    rows = await session.scalars(_STRANGERS, {"codes": sorted(bodies)})
    return list(rows)
