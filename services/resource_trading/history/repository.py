"""Every query of an import: many tenders at once.

Rows travel as one JSON value, so that a statement is the same however many there are. Must never
commit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db.writes import Write, json_text, the_row
from libs.common.identity.actor import Actor
from services.resource_trading.award.model import Award
from services.resource_trading.bid.model import Bid
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.repository import AWARDS, TENDERS

BIDS: Final = Bid.metadata.tables["bid"]
# Two imports at once could make the same tender; the id comes before the time: `emit` says why.
_BEGIN: Final = """
SELECT pg_advisory_xact_lock(hashtext('trading import')), pg_current_xact_id(), city_now()
"""
_AUDIT: Final = """
INSERT INTO audit (at, post, office, action, subject, version, detail)
SELECT $1, $2, $3, 'import', x.subject, x.version, x.detail
FROM jsonb_to_recordset($4::jsonb) AS x(subject varchar, version integer, detail jsonb)
"""


class Standing(NamedTuple):
    """Tenders by `ref` with their awards, and their bids by number, all locked."""

    tenders: Mapping[str, tuple[Tender, Award | None]]
    bids: Mapping[str, dict[str, Bid]]


async def begin(session: AsyncSession) -> datetime:
    """Wait for other imports to end; the city's time."""
    now: datetime = (await the_row(session, _BEGIN))[2]
    return now


async def standing(session: AsyncSession, refs: Sequence[str]) -> Standing:
    """What stands of these tenders, locked until the transaction ends."""
    held = (
        select(*TENDERS.c)
        .where(TENDERS.c.ref == func.any(refs))
        .order_by(TENDERS.c.ref)
        .with_for_update()
    )
    tenders = [Tender(*row) for row in await session.execute(held)]
    found = await session.execute(select(*AWARDS.c).where(AWARDS.c.ref == func.any(refs)))
    awards = {row[0]: Award(*row) for row in found}
    bids: dict[str, dict[str, Bid]] = {}
    for bid in await session.scalars(select(Bid).where(BIDS.c.ref == func.any(refs))):
        session.expunge(bid)
        bids.setdefault(bid.ref, {})[bid.bid_no] = bid
    return Standing({one.ref: (one, awards.get(one.ref)) for one in tenders}, bids)


def written(
    tenders: Iterable[Tender], awards: Iterable[Award], bids: Iterable[Bid]
) -> list[Sequence[Write]]:
    """New and changed rows, in the order of their keys to each other."""
    first = _rows(TENDERS, [asdict(one) for one in tenders])
    others = [
        _rows(AWARDS, [asdict(one) for one in awards]),
        _rows(BIDS, [one.model_dump() for one in bids]),
    ]
    return [[first], [one for one in others if one.values[0] != "[]"]]


def audited(actor: Actor, rows: Sequence[Mapping[str, Any]], *, at: datetime) -> Write:
    """The audit rows of one batch: subject, version and detail each."""
    return Write(_AUDIT, [at, actor.post, actor.office, json_text(list(rows))])


def _rows(table: Table, rows: Sequence[Mapping[str, Any]]) -> Write:
    name, keys = table.name, [column.name for column in table.primary_key]
    others = [column.name for column in table.c if column.name not in keys]
    changes = ", ".join(f"{column} = excluded.{column}" for column in others)
    columns = ", ".join(table.c.keys())
    sql = f"""
INSERT INTO {name} ({columns})
SELECT {columns} FROM jsonb_populate_recordset(NULL::{name}, $1::jsonb)
ON CONFLICT ({", ".join(keys)}) DO UPDATE SET {changes}
"""  # noqa: S608 - names from code
    return Write(sql, [json_text(list(rows))])
