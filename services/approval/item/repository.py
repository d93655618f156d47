"""Every query on items.

Must never commit: the edge does.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from libs.common.bus.outbox import recorded_now
from libs.common.db.writes import found_row
from libs.common.identity.scope import Scope
from services.approval.item.model import ItemVersion
from services.approval.item.policy import TERMS, Listed

_LISTED: Final = f"""
SELECT listed, version, coalesce(withdrawn, false), {", ".join(TERMS)}
  FROM (SELECT EXISTS (SELECT FROM item_version) AS listed) AS catalogue
  LEFT JOIN LATERAL (SELECT * FROM item_version WHERE code = $1 AND first_day <= $2
                      ORDER BY version DESC LIMIT 1) AS held ON true
"""  # noqa: S608 - names from code
_STEPS: Final = "SELECT details->'steps' FROM item_version WHERE code = $1 AND version = $2"
ALL: Final = Scope.everything()
"""For the service's own use: what it shows to somebody has that one's scope."""
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


async def versions(
    session: AsyncSession, codes: Collection[str], *, scope: Scope = ALL
) -> dict[str, list[ItemVersion]]:
    """All versions within the scope of each of `codes` that has any, by number."""
    wanted = (col(ItemVersion.code) == func.any(bindparam("codes", list(codes))), _within(scope))
    order = (col(ItemVersion.code), col(ItemVersion.version))
    found: dict[str, list[ItemVersion]] = defaultdict(list)
    for row in await session.scalars(select(ItemVersion).where(*wanted).order_by(*order)):
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


def _within(scope: Scope) -> ColumnElement[bool]:
    return scope.where(col(ItemVersion.region), col(ItemVersion.body))


async def on(
    session: AsyncSession, code: str, day: date, *, scope: Scope = ALL
) -> ItemVersion | None:
    """The version of an item that holds on `day`; None: the item can't be applied for then."""
    held = (col(ItemVersion.code) == code, _holds(day), ~col(ItemVersion.withdrawn), _within(scope))
    return (await session.scalars(select(ItemVersion).where(*held))).one_or_none()


async def page(
    session: AsyncSession,
    day: date,
    wanted: Wanted,
    *,
    scope: Scope,
    after: str | None,
    limit: int,
) -> Sequence[ItemVersion]:
    """Up to `limit` items of the scope by code after `after`, each in the version of the day."""
    conditions = [_holds(day), ~col(ItemVersion.withdrawn), _within(scope)]
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


async def listed_on(session: AsyncSession, code: str, day: date) -> Listed:
    """The item as the catalogue has it on a day, and whether there is a catalogue."""
    row = await found_row(session, _LISTED, code, day)
    if row is None:
        raise LookupError(code)
    listed, version, withdrawn, *terms = row
    return Listed(listed, version, withdrawn, dict(zip(TERMS, terms, strict=True)))


async def steps_of(session: AsyncSession, code: str, version: int | None) -> list[dict[str, Any]]:
    """The steps of the flow that a version lists; none for a case without a version."""
    row = await found_row(session, _STEPS, code, version) if version else None
    return (row[0] or []) if row else []


async def strangers(session: AsyncSession, bodies: Collection[str]) -> list[str]:
    """Those of `bodies` that the organisation does not know."""
    rows = await session.scalars(_STRANGERS, {"codes": sorted(bodies)})
    return list(rows)
