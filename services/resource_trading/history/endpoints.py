"""`POST /imports`: tenders that another system keeps, from its own records.

The same records as a file's, at most a thousand at once. Must never reach beyond the region of the
post that asks: what is imported stands under that region.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from libs.common.identity.actor import Acting
from libs.common.identity.signed import SignedCommandRoute
from libs.common.web.errors import Forbidden
from libs.common.web.session import Session
from services.resource_trading.history.errors import NoReader
from services.resource_trading.history.schemas import Import, Imported
from services.resource_trading.history.service import BATCH, Origin, TenderImport
from services.resource_trading.history.told import Reader
from services.resource_trading.tender.repository import city_now

router = APIRouter(prefix="/imports", route_class=SignedCommandRoute, tags=["imports 导入"])


async def reader_of(request: Request) -> Reader:
    """What the application reads records with."""
    reader: Reader | None = request.app.state.reader
    if reader is None:
        raise NoReader
    return reader


@router.post("")
async def take_over(
    body: Import,
    session: Session,
    actor: Acting,
    reader: Annotated[Reader, Depends(reader_of)],
) -> Imported:
    """导入其他系统的招标历史: what can't be taken is listed, the rest is done.

    Handed in twice, the same records tell nothing new. The trading centre imports.
    """
    if "centre" not in actor.duties:
        raise Forbidden
    now = await city_now(session)
    # Apart from the event loop: some hundreds of large records take seconds.
    read = await asyncio.to_thread(reader, body.mapping, body.records, now)
    office = body.office or actor.office
    origin = Origin(
        body.system,
        actor.region,
        office,
        recorded=body.recorded,
        mandatory=body.mandatory,
    )
    run = TenderImport(actor, origin, read, dry_run=body.dry_run)
    for start in range(0, len(read.histories), BATCH):
        await run.take(session, read.histories[start : start + BATCH])
    return Imported.of(run.closed())
