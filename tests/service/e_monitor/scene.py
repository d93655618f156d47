"""A city's autumn of 2026, put through the monitor's own worker code into a real database.

Days after 国办发明电〔2025〕7号: 25 to 27 September (中秋节) and 1 to 7 October (国庆节) are off,
Sunday 20 September and Saturday 10 October are worked.
"""

import socket
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
import uvicorn
from fastapi import FastAPI

from libs.common.bus import subjects as store
from libs.common.bus.batch import Application, read_batch
from libs.common.bus.protocol import (
    PARTITIONS,
    Incoming,
    TopicPartition,
    horizon_records,
    partition_of,
)
from libs.common.db import engine
from libs.common.events import Event, encode, owner
from libs.common.identity.actor import Identify, loopback_only
from libs.common.identity.permissions import RoleActor, installed_matrix
from libs.common.identity.principal import Principal
from libs.common.law.fold import Fold
from services.e_monitor.app import create_app
from services.e_monitor.clock.handlers import TOPICS, MonitorHandler
from services.e_monitor.settings import Settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
HORIZON = "2026-11-02T12:00:05"
PLACES = [TopicPartition(topic, number) for topic in TOPICS for number in range(PARTITIONS)]
LICENCE: dict[str, Any] = {
    "item_type": "行政许可",
    "joint": False,
    "immediate": False,
    "limit_set_by_law": False,
    "statutory_limit": 20,
    "statutory_unit": "working_day",
}


def at(text: str) -> datetime:
    """An instant given as Shanghai's wall time."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class Worker:
    """Feeds events and horizons as the consuming loop does, one transaction a batch."""

    def __init__(self, dsn: str, law: Fold) -> None:
        self.dsn = dsn
        self.handler = MonitorHandler(law)
        self.sequences: Counter[tuple[str, str]] = Counter()

    def event(self, kind: str, subject: str, when: str, **data: Any) -> Event:
        """The next event of a subject; `region` and `department` go into the envelope."""
        region, department = data.pop("region", "990100"), data.pop("department", "市住建局")
        name = f"cn.sunlight.{kind}.v1"
        self.sequences[subject, owner(name)] += 1
        number = self.sequences[subject, owner(name)]
        return Event(
            id=f"{subject}-{owner(name)}-{number}",
            type=name,
            source="/test",
            subject=subject,
            time=at(when),
            recordedtime=at(when),
            sequence=number,
            data=data,
            region=region,
            department=department,
        )

    async def feed(self, events: Sequence[Event], horizon: str | None = None) -> None:
        """Apply events; then, where given, move every topic's horizon and fire the timers."""
        pool = await engine.pool(self.dsn, "monitor", max_size=3)
        try:
            await self._apply(pool, events, horizon)
            if horizon:
                await self.handler.sweep(pool, frozenset(PLACES))
        finally:
            await pool.close()

    async def _apply(self, pool: engine.Pool, events: Sequence[Event], horizon: str | None) -> None:
        async with store.acquired(pool) as connection, connection.transaction():
            begin = {
                place: position
                for place, (position, _) in (await store.positions(connection, PLACES)).items()
            }
            batch = read_batch(self._records(begin, events, horizon))
            end = {**begin, **batch.end}
            assert await store.advance(connection, begin, end, batch.horizons)
            effects = self.handler.begin(await store.horizons(connection))
            tally = await Application(effects, {}).run(connection, batch)
        assert (tally.applied, tally.parked) == (len(events), 0)

    @staticmethod
    def _records(
        begin: dict[TopicPartition, int], events: Sequence[Event], horizon: str | None
    ) -> list[Incoming]:
        offsets = dict(begin)
        records = []
        sent = [
            (owner(event.type), partition_of(event.subject), event.subject, encode(event))
            for event in events
        ]
        if horizon:
            sent += [
                (record.topic, record.partition, None, record.value)  # type: ignore[misc]
                for topic in TOPICS
                for record in horizon_records(topic, at(horizon))
            ]
        for topic, partition, key, value in sent:
            place = TopicPartition(topic, partition)
            records.append(Incoming(topic, partition, offsets[place], key, value))
            offsets[place] += 1
        return records


def accepted(worker: Worker, subject: str, when: str, **facts: Any) -> list[Event]:
    """A licence case received and accepted on the same day."""
    office = {name: facts.pop(name) for name in ("region", "department") if name in facts}
    received = {**LICENCE, "case_no": subject.removeprefix("case/"), **facts}
    return [
        worker.event("approval.case.received", subject, f"{when}T09:00:00", **received, **office),
        worker.event("approval.case.accepted", subject, f"{when}T10:00:00", **office),
    ]


def autumn(worker: Worker) -> list[Event]:
    """Everything that happened: late, paused, due, a lead, a short publicity, one in time."""
    event = worker.event
    return [
        *accepted(worker, "case/2026-1", "2026-09-18"),
        event(
            "approval.case.paused",
            "case/2026-1",
            "2026-09-22T15:00:00",
            ground="hearing",
            notice_no="听证告知-7",
            noticed_length=10,
            noticed_unit="working_day",
        ),
        event("approval.case.resumed", "case/2026-1", "2026-09-29T09:30:00"),
        *accepted(
            worker,
            "case/2026-2",
            "2026-10-26",
            promised_limit=5,
            promised_unit="working_day",
            department="市市场监管局",
        ),
        *accepted(
            worker, "case/2026-3", "2026-10-27", promised_limit=5, promised_unit="working_day"
        ),
        *accepted(worker, "case/2026-4", "2026-10-12", region="990103", department="东山区审批局"),
        event(
            "approval.case.decided",
            "case/2026-4",
            "2026-10-16T16:00:00",
            outcome="granted",
            region="990103",
            department="东山区审批局",
        ),
        event(
            "registry.licence.issued",
            "fire/2026-88",
            "2026-10-20T11:00:00",
            licence_no="消字-88",
            region="990103",
            department="市消防救援支队",
        ),
        event(
            "trading.tender.published",
            "tender/T-1",
            "2026-09-01T09:00:00",
            tender_no="T-1",
            mandatory=True,
            documents_from="2026-09-01T09:00:00+08:00",
            documents_until="2026-09-11T17:30:00+08:00",
            bid_deadline="2026-09-28T09:30:00+08:00",
            department="市交易中心",
        ),
        event(
            "trading.award.candidates-publicised",
            "tender/T-1",
            "2026-10-08T09:00:00",
            publicity_from="2026-10-08T09:00:00+08:00",
            publicity_until="2026-10-10T18:00:00+08:00",
            department="市交易中心",
        ),
    ]


async def play(dsn: str, law: Fold, horizon: str | None = HORIZON) -> Worker:
    """The whole autumn, complete to `horizon`; the worker, to go on with."""
    worker = Worker(dsn, law)
    await worker.feed(autumn(worker))
    if horizon:
        await worker.feed([], horizon)
    return worker


def post(
    *roles: str, name: str = "post-9", office: str = "office-9", region: str = "990100"
) -> RoleActor:
    """A post with these roles of the shipped matrix."""
    holder = Principal("test", name, name, office, region, frozenset(roles))
    return installed_matrix().actor(holder, "monitor")


SUPERVISOR: Final = post("supervisor")


def application(dsn: str, law: Fold, identify: Identify | None = None) -> FastAPI:
    """The monitor's HTTP side, by default for a caller on loopback."""
    settings = Settings(dsn=dsn, pool_size=4)
    known = identify or loopback_only(SUPERVISOR, "127.0.0.1")
    return create_app(settings, law=law, identify=known)


@asynccontextmanager
async def calling(app: FastAPI, base: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the application, without a socket."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=f"http://city.test{base}") as caller,
    ):
        yield caller


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The application's address on loopback, served from a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
