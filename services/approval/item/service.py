"""The use cases of the catalogue of items: a version comes, an item is withdrawn.

Must never commit, and must never change a version that stands.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.bus.outbox import Draft, emit
from libs.common.events import Payload
from libs.common.events.contracts.organisation import ItemPublished, ItemWithdrawn
from libs.common.identity.actor import Actor
from libs.common.web.errors import Conflict, Forbidden, NotFound
from libs.common.web.etag import Precondition
from services.approval.bulk import Act, audit_rows, rows_write
from services.approval.imports import REGISTRAR
from services.approval.inputs import region_of
from services.approval.item import repository
from services.approval.item.model import ItemVersion, version_row

LICENCE: Final = "行政许可"
_TABLE: Final = ItemVersion.metadata.tables["item_version"]
_TOLD: Final = (
    "version",
    "name",
    "item_type",
    "body",
    "statutory_limit",
    "statutory_unit",
    "promised_limit",
    "promised_unit",
    "limit_set_by_law",
    "immediate",
    "delivers_document",
    "flow",
)


class TooEarly(Conflict):
    """409: what held on a day stays what it was."""

    code = "version_too_early"
    zh = "新版本不能早于 {earliest} 起效"
    en = "A new version can't hold from before {earliest}"


async def withdraw_item(
    session: AsyncSession,
    actor: Actor,
    code: str,
    match: Precondition,
    *,
    first_day: date,
    today: date,
) -> ItemVersion:
    """取消事项: from `first_day` on the item can't be applied for.

    Raises:
        NotFound, PreconditionFailed, TooEarly: as they say.
        Forbidden: the actor keeps no catalogue, or not that of the item's region.
    """
    if REGISTRAR not in actor.duties:
        raise Forbidden
    now = await repository.lock(session)
    standing = (await repository.versions(session, [code])).get(code)
    if not standing or standing[-1].withdrawn:
        raise NotFound
    newest = standing[-1]
    if not region_of(actor.region).contains(region_of(newest.region)):
        raise Forbidden
    match.require(newest.version)
    earliest = max(today, newest.first_day)
    if first_day < earliest:
        raise TooEarly(earliest=earliest)
    row = version_row(code, newest.version + 1, first_day, newest.content(), withdrawn=True)
    await publish(session, actor, [row], now=now)
    return row


async def publish(
    session: AsyncSession, actor: Actor, rows: Sequence[ItemVersion], *, now: datetime
) -> None:
    """Write new versions, the audit rows and an event of each. The catalogue is locked."""
    acts = [
        Act("item.withdraw" if row.withdrawn else "item.publish", subject(row), row.version, {})
        for row in rows
    ]
    beside = [
        rows_write(_TABLE, [row.model_dump() for row in rows], replace=False),
        audit_rows(actor, acts, at=now),
    ]
    await emit(session, [_draft(row, actor) for row in rows], now=now, beside=beside)


def subject(row: ItemVersion) -> str:
    """The subject of an item's events."""
    return f"item/{row.code}"


def _draft(row: ItemVersion, actor: Actor) -> Draft:
    return Draft(
        _payload(row),
        subject=subject(row),
        sequence=row.version,
        source=f"/{row.region}/approval",
        regime="行政许可法" if row.item_type == LICENCE else None,
        actor=actor.post,
        region=row.region,
        department=row.body,
    )


def _payload(row: ItemVersion) -> Payload:
    first_day = row.first_day.isoformat()
    if row.withdrawn:
        return ItemWithdrawn(
            item_code=row.code, version=row.version, first_day=first_day, body=row.body
        )
    count = len(row.details["materials"]) or row.details["material_count"]
    return ItemPublished(
        item_code=row.code,
        first_day=first_day,
        region_code=row.region,
        delivery=tuple(row.details["delivery"]),
        material_count=count,
        **{name: getattr(row, name) for name in _TOLD},
    )
