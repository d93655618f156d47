"""The city's commands, given to the services as their own clerks would: every rule of law applies.

One command is one transaction of the service. Must never write a table itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from libs.common.db.engine import engine, service_dsn, session_factory
from libs.common.identity.actor import Actor
from libs.common.law.fold import Fold
from libs.common.law.installed import installed_law
from libs.common.web.etag import Precondition
from services.approval.actor import Duty
from services.approval.case import command as case_command
from services.approval.case import schemas as case_bodies
from services.approval.case import service as case_service
from services.approval.case.model import Case
from services.approval.imports import REGISTRAR, Outcome, Record
from services.approval.inputs import region_of
from services.approval.item.importing import ItemImport
from services.approval.office.importing import import_organisation
from services.approval.settings import Settings
from services.e_monitor.intake.service import take_in
from services.e_monitor.intake.sources import Source
from services.resource_trading.actor import Duty as TradingDuty
from services.resource_trading.award.acts import ACTS as AWARD_ACTS
from services.resource_trading.bid import schemas as bid_bodies
from services.resource_trading.bid import service as bid_service
from services.resource_trading.bid.marks import Marker
from services.resource_trading.bid.settings import MarkSettings
from services.resource_trading.tender import command as tender_command
from services.resource_trading.tender import schemas as tender_bodies
from services.resource_trading.tender import service as tender_service
from services.resource_trading.tender.acts import ACTS as TENDER_ACTS
from sunlight.city.cases import Arrival, Step
from sunlight.city.offices import CITY, DEMO_APPROVAL, Office
from sunlight.city.organisation import approver_of
from sunlight.city.registry import Told
from sunlight.city.tenders import Tender

ANY: Final = Precondition(None)
_CASES: Final[Mapping[str, Any]] = {
    "pre-check": (case_service.pre_check, case_bodies.PreCheck),
    "request-supplement": (case_service.request_supplement, case_bodies.RequestSupplement),
    "receive-supplement": (case_service.receive_supplement, case_bodies.ReceiveSupplement),
    "accept": (case_service.accept_case, case_bodies.Accept),
    "refuse": (case_service.refuse_case, case_bodies.Refuse),
    "issue-receipt": (case_service.issue_receipt, case_bodies.IssueReceipt),
    "pause": (case_service.pause_case, case_bodies.Pause),
    "resume": (case_service.resume_case, case_bodies.Nothing),
    "decide": (case_service.decide_case, case_bodies.Decide),
    "deliver": (case_service.deliver_case, case_bodies.Nothing),
    "close": (case_service.close_case, case_bodies.Nothing),
    "withdraw": (case_service.withdraw_case, case_bodies.Nothing),
}
_BIDS: Final[Mapping[str, Any]] = {
    "mark-documents": (bid_service.mark_documents, bid_bodies.MarkDocuments),
    "record-bid": (bid_service.record_bid, bid_bodies.Record),
}
_TENDERS: Final = {act.name: act for act in (*TENDER_ACTS, *AWARD_ACTS)}
_DUTIES: Final[frozenset[Duty]] = frozenset({"window", "approver"})
_TRADING_DUTIES: Final[frozenset[TradingDuty]] = frozenset({"tenderer", "centre"})

_REGISTRAR: Final = Actor("city-registrar", DEMO_APPROVAL, CITY, frozenset({REGISTRAR}))
APPLICATION: Final = "sunlight-city"

Sessions = async_sessionmaker[AsyncSession]


@dataclass(frozen=True, slots=True)
class City:
    """The city's hands: a session maker per service, and the law they keep."""

    approval: Sessions
    trading: Sessions
    monitor: Sessions
    law: Fold
    marker: Marker | None
    engines: tuple[AsyncEngine, ...]

    @classmethod
    def of(cls, env: Mapping[str, str]) -> City:
        """The hands on the databases that the environment names."""
        engines = tuple(
            engine(_hurried(service_dsn(name, env)), name, pool_size=2, application=APPLICATION)
            for name in ("approval", "trading", "monitor")
        )
        settings = Settings()
        law = installed_law(settings.zone, rules=settings.rules)
        sessions = [session_factory(each) for each in engines]
        marker = MarkSettings().marker()
        return cls(sessions[0], sessions[1], sessions[2], law, marker, engines)

    async def close(self) -> None:
        """Give the connections back."""
        for each in self.engines:
            await each.dispose()

    async def receive(self, arrival: Arrival) -> Case:
        """收件."""
        body = _parsed(case_bodies.Receive, arrival.body)
        async with self.approval.begin() as session:
            clerk = _clerk(arrival.item.office)
            return await case_service.receive_case(session, clerk, body, law=self.law)

    async def step_case(self, case_no: str, office: Office, step: Step) -> None:
        """One step of a case. Raises DomainError when the service refuses it."""
        act, shape = _CASES[step.action]
        async with self.approval.begin() as session:
            begun = await case_command.begin(
                session, _clerk(office), case_no, ANY, step.action, law=self.law
            )
            await act(begun, _parsed(shape, step.body))

    async def publish(self, tender: Tender, now: datetime) -> None:
        """发出招标文件."""
        # Documents are issued when the command is given, a moment after it was planned.
        body = {**tender.steps[0].body, "documents_from": now.isoformat()}
        async with self.trading.begin() as session:
            await tender_service.publish_tender(
                session,
                _trader(tender.office),
                _parsed(tender_bodies.Publish, body),
                law=self.law,
            )

    async def step_tender(self, ref: str, office: Office, step: Step) -> None:
        """One step of a tender or its award. Raises DomainError when the service refuses it."""
        async with self.trading.begin() as session:
            begun = await tender_command.begin(session, _trader(office), ref, ANY, law=self.law)
            if step.action in _BIDS:
                do, shape = _BIDS[step.action]
                await do(begun, _parsed(shape, step.body), self.marker)
                return
            act = _TENDERS[step.action]
            await act.do(begun, _parsed(act.body, step.body))

    async def tell(self, told: Told) -> None:
        """An event of a foreign system; handed in twice it is a duplicate."""
        async with self.monitor.begin() as session:
            await take_in(session, Source.of(told.source), [told.body])

    async def take_over(
        self, organisation: Sequence[Mapping[str, Any]], items: Sequence[Mapping[str, Any]]
    ) -> tuple[Outcome, Outcome]:
        """Import the organisation and the catalogue of items; what stands already is left alone."""
        zone, within = self.law.zone, region_of(CITY)
        async with self.approval.begin() as session:
            bodies = await import_organisation(
                session, _REGISTRAR, _records(organisation), zone=zone, within=within
            )
        catalogue = ItemImport(_REGISTRAR, zone, within=within)
        async with self.approval.begin() as session:
            await catalogue.take(session, _records(items))
        return bodies, catalogue.outcome


def _records(rows: Sequence[Mapping[str, Any]]) -> list[Record]:
    return [Record(line, fields) for line, fields in enumerate(rows, start=1)]


def _hurried(dsn: str) -> str:
    """The DSN of connections whose commits don't wait for the disk.

    A crash may take back the last moments of a made-up city, never what others had read of it.
    """
    return f"{dsn}{'&' if '?' in dsn else '?'}synchronous_commit=off"


def _parsed(shape: Any, body: Mapping[str, Any]) -> Any:
    return shape.model_validate_json(orjson.dumps(body))


def _clerk(office: Office) -> Actor:
    return Actor(approver_of(office), office.code, office.region, _DUTIES)


def _trader(office: Office) -> Actor:
    return Actor("city-trader", office.code, CITY, _TRADING_DUTIES)
