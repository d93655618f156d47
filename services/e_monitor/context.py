"""What endpoints and pages take from their application: the law, a reading connection, the news,
and on whose rows the caller may look.

Must never hand out a connection that could write, nor a scope wider than the caller's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import Depends, Request

from libs.common.bus.subjects import acquired
from libs.common.db.engine import Connection
from libs.common.identity.permissions import permitted
from libs.common.identity.scope import Scope
from libs.common.law.fold import Fold
from services.e_monitor.clock.outlook import Outlook
from services.e_monitor.finding.news import News
from services.e_monitor.finding.sight import Sight, sight

CLOCKS: Final = "clock.read"


def law_of(request: Request) -> Fold:
    """The law that the application watches by."""
    law: Fold = request.app.state.law
    return law


def news_of(request: Request) -> News:
    """The application's look-out for what changes."""
    news: News = request.app.state.news
    return news


def outlook_of(request: Request) -> Outlook:
    """The application's reader of what is due soon."""
    outlook: Outlook = request.app.state.outlook
    return outlook


async def reader(request: Request) -> AsyncIterator[Connection]:
    """A connection that sees one state of the database for the whole answer, and only reads."""
    async with (
        acquired(request.app.state.pool) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield connection


Law = Annotated[Fold, Depends(law_of)]
Outlooking = Annotated[Outlook, Depends(outlook_of)]
LookOut = Annotated[News, Depends(news_of)]
Reader = Annotated[Connection, Depends(reader, scope="function")]
FindingScope = Annotated[Sight, Depends(sight)]
ClockScope = Annotated[Scope, Depends(permitted(CLOCKS))]
