"""All services as one platform on real databases, with a row of one's own and a foreign one each.

Everyone's own office is OFFICE in the district 990102; the foreign rows are of another office in
990103, and bear FOREIGN in a name wherever one may be chosen.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

import httpx
from fastapi import FastAPI
from starlette.types import Message

from libs.common.identity import csrf
from libs.common.identity.actor import Identify, loopback_only
from libs.common.identity.permissions import installed_matrix
from libs.common.identity.principal import Principal
from libs.common.law.fold import Fold
from sunlight.api import Together
from sunlight.issuer.app import guard
from tests.service import desk
from tests.service.e_monitor.scene import HORIZON, Worker, accepted

URL: Final = "http://127.0.0.1:8123"
SERVED: Final = ("approval", "trading", "monitor", "disclosure")
OFFICE: Final = "own-office"
REGION: Final = "990102"
ELSEWHERE: Final = ("FOREIGN-office", "990103")
WORKS: Final = {
    "kind": "works",
    "mandatory": True,
    "documents_from": "2026-03-02T09:00:00+08:00",
    "documents_until": "2026-03-09T17:00:00+08:00",
    "bid_deadline": "2026-03-23T10:00:00+08:00",
}
ENV: Final = {
    "APPROVAL_DEMO": "1",
    "MONITOR_DEMO": "1",
    "APPROVAL_DEMO_OFFICE": OFFICE,
    "APPROVAL_DEMO_REGION": REGION,
    "TRADING_DEMO_OFFICE": OFFICE,
}


@dataclass
class Platform:
    """The running platform. `own` and `foreign`: a path's parameter → whose row it names."""

    app: Together
    csrf_token: str
    own: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        role: str | None,
        method: str,
        path: str,
        *,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        at_home: bool = True,
    ) -> httpx.Response:
        """What a role (None: the usual post) is answered; not `at_home`: from another machine."""
        headers = {"accept": "text/html,application/json", "if-match": '"999"'}
        if role is not None:
            headers["cookie"] = f"sunlight-role={role}"
        data = None if form is None else {**form, csrf.FIELD: self.csrf_token}
        if form is not None:
            headers[csrf.HEADER] = self.csrf_token
        transport = httpx.ASGITransport(
            self._begun, client=("127.0.0.1" if at_home else "10.0.0.7", 4000)
        )
        async with httpx.AsyncClient(transport=transport, base_url=URL, headers=headers) as caller:
            return await caller.request(method, path, json=body, data=data)

    async def _begun(self, scope: Any, receive: Any, send: Any) -> None:
        """The answer; of an event stream, which never ends, only how it begins."""

        async def sending(message: Message) -> None:
            await send(message)
            if message["type"] != "http.response.start":
                return
            if (b"content-type", b"text/event-stream; charset=utf-8") in message["headers"]:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise StreamBegun

        with contextlib.suppress(StreamBegun):
            await self.app(scope, receive, sending)


class StreamBegun(Exception):
    """An event stream has begun; nobody waits for its end."""


@contextlib.asynccontextmanager
async def running(dsn: str, law: Fold) -> AsyncIterator[Platform]:
    """The platform, up while the block runs, with its rows."""
    apps = {name: _app(name, dsn) for name in SERVED}
    apps["identity"] = guard(apps, ENV)
    together = Together(apps)
    async with together.lifespan.router.lifespan_context(together.lifespan):
        demonstration = apps["identity"].state.demonstration
        platform = Platform(together, demonstration.csrf_token)
        await _watched(platform, dsn, law)
        for named, office, region in (
            (platform.own, OFFICE, REGION),
            (platform.foreign, *ELSEWHERE),
        ):
            named["ref"] = await _tendered(dsn, office, region)
            named["case_no"] = await _received(dsn, office, region)
        yield platform


def _app(name: str, dsn: str, identify: Identify | None = None) -> FastAPI:
    """A service as it is installed for a demonstration; `identify`: where only one post acts."""
    folder = {"trading": "resource_trading", "monitor": "e_monitor"}.get(name, name)
    kind = import_module(f"services.{folder}.settings").Settings
    more = {"applicant_key": "a key of these tests, 32 signs long"} if name == "approval" else {}
    settings = kind(dsn=dsn, pool_size=2, demo=True, demo_region=REGION, demo_office=OFFICE, **more)
    app: FastAPI = import_module(f"services.{folder}.app").create_app(settings, identify=identify)
    return app


async def _watched(platform: Platform, dsn: str, law: Fold) -> None:
    worker = Worker(dsn, law)
    events = accepted(worker, "case/OWN-1", "2026-09-01", region=REGION, department=OFFICE)
    office, region = ELSEWHERE
    events += accepted(worker, "case/FOREIGN-1", "2026-09-01", region=region, department=office)
    await worker.feed(events, HORIZON)
    async with desk.as_owner(dsn, "monitor") as owner:
        rows = await owner.fetch("SELECT id, subject FROM finding WHERE rule = 'APV-010'")
    found = {row["subject"]: str(row["id"]) for row in rows}
    for named, subject in ((platform.own, "case/OWN-1"), (platform.foreign, "case/FOREIGN-1")):
        number = found[subject]
        named |= {"subject:path": subject, "rule": "APV-010", "stage": "red", "clock": number}
        named |= {"finding_id": number, "finding": number, "record_id": number, "name": "assign"}
        named |= {
            "file": "tenders.json",
            "number": "1",
            "bid_no": "B-01",
            "code": "1",
            "action": "accept",
        }


async def _tendered(dsn: str, office: str, region: str) -> str:
    """The reference of a new tender."""
    ref = "T-OWN" if office == OFFICE else "T-FOREIGN"
    app = _app("trading", dsn, _post("trading", "tenderer", office, region))
    async with desk.calling(app, "http://127.0.0.1/api/trading/v1") as caller:
        answer = await caller.post("/tenders", json={**WORKS, "tender_no": ref})
        assert answer.status_code == 201, answer.text
    return ref


async def _received(dsn: str, office: str, region: str) -> str:
    """The number of a new case."""
    item = "OWN-1" if office == OFFICE else "FOREIGN-1"
    app = _app("approval", dsn, _post("approval", "clerk", office, region))
    async with desk.calling(app, "http://127.0.0.1/api/approval/v1") as caller:
        body = {"item_code": item, "item_type": "行政许可"}
        answer = await caller.post("/cases", json=body)
        assert answer.status_code == 201, answer.text
    return str(answer.json()["case_no"])


def _post(service: str, role: str, office: str, region: str) -> Identify:
    holder = Principal("test", "p", "p", office, region, frozenset({role}))
    return loopback_only(installed_matrix().actor(holder, service), "127.0.0.1")
