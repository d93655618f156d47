"""Random walks through the real service: it allows and refuses exactly what the statute does.

Each walk is one case, driven over HTTP by posts with different duties; after every step the answer
is held against `statute.Ledger`, which knows nothing of the service's own table.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.identity.actor import Actor
from libs.common.law.fold import Fold
from services.approval.app import create_app
from services.approval.settings import Settings
from tests.databases import fresh_database
from tests.service.approval.statute import STATUTE, Ledger
from tests.service.city import migrated_city

EARLY = "2026-03-02T09:00:00+08:00"
CORRECTION = {"correct", "complete-materials"}
"""What has tests of its own: these steps put right or complete what was entered before."""
STEPS = sorted({step for steps in STATUTE.values() for step in steps} - CORRECTION - {"receive"})
yes = st.booleans()
often = st.sampled_from([True, True, True, False])
BODIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "request-supplement": st.fixed_dictionaries(
        {"notice_no": st.just("N"), "materials": st.just(["M"]), "supplement_defective": yes}
    ),
    "pre-check": st.fixed_dictionaries({"precheck_passed": yes}),
    "receive-supplement": st.just({"notice_no": "N"}),
    "refuse": st.just({"ground": "not-in-competence", "remedy": "reconsideration"}),
    "issue-receipt": st.fixed_dictionaries(
        {"document_no": st.just("R"), "sealed": often, "dated": often}
    ),
    "pause": st.just({"ground": "testing", "notice_no": "N"}),
    "extend": st.fixed_dictionaries(
        {
            "extension_length": st.sampled_from([5, 10, 11]),
            "approver_level": st.sampled_from(["office_head", "office_head", "other"]),
            "told_at": st.just(EARLY),
        }
    ),
    "decide": st.fixed_dictionaries(
        {
            "outcome": st.sampled_from(["granted", "refused", "partly"]),
            "delivers_document": yes,
        }
    ),
    "start-step": st.just({"step": "审查"}),
    "end-step": st.just({"step": "审查"}),
}
DUTIES = (frozenset({"window"}), frozenset({"approver"}), frozenset({"window", "approver"}))


@st.composite
def moves(draw: st.DrawFn) -> tuple[frozenset[str], str, dict[str, Any]]:
    """Who does what, how."""
    step = draw(st.sampled_from(STEPS))
    return draw(st.sampled_from(DUTIES)), step, draw(BODIES.get(step, st.just({})))


@st.composite
def likely(draw: st.DrawFn) -> list[tuple[frozenset[str], str, dict[str, Any]]]:
    """A walk that mostly goes on: steps that the statute opens from where it stands, and others."""
    ledger = Ledger()
    walk: list[tuple[frozenset[str], str, dict[str, Any]]] = []
    for _ in range(draw(st.integers(1, 14))):
        duties, step, body = draw(moves())
        opened = sorted(set(STATUTE[ledger.state]) - CORRECTION)
        goes_on: bool = draw(often)
        if opened and goes_on:
            step = draw(st.sampled_from(opened))
            duties, body = DUTIES[2], draw(BODIES.get(step, st.just({})))
        ledger.answer(duties, step, body)
        walk.append((duties, step, body))
    return walk


class Hall:
    """The service with a post of our choosing before it, run from tests that are no coroutines."""

    def __init__(self, runner: asyncio.Runner, dsn: str, law: Fold) -> None:
        self.runner, self.duties = runner, DUTIES[2]
        self.app = create_app(Settings(dsn=dsn), law=law, identify=self._identify)
        transport = httpx.ASGITransport(app=self.app)
        address = "http://city.test/api/approval/v1"
        self.client = httpx.AsyncClient(transport=transport, base_url=address)

    async def _identify(self, request: Request) -> Actor:
        return Actor("post-1", "office-1", "990100", self.duties)

    async def walk(
        self, steps: list[tuple[frozenset[str], str, dict[str, Any]]], channel: str = "online"
    ) -> Ledger:
        """Take the steps; after each the service and the statute have said the same."""
        self.duties = DUTIES[2]
        asked = {"item_code": "A", "item_type": "行政许可", "channel": channel}
        made = await self.client.post("/cases", json=asked)
        ledger = Ledger(online=channel == "online")
        address = f"/cases/{made.json()['case_no']}"
        for self.duties, step, body in steps:
            answer = await self.client.post(
                f"{address}/{step}", json=body, headers={"If-Match": "*"}
            )
            said = ledger.answer(self.duties, step, body)
            assert answer.status_code == said, (ledger, step, body, self.duties, answer.text)
            if said == 200:
                assert answer.json()["state"] == ledger.state
        return ledger


@pytest.fixture(scope="module")
def hall(postgres: EmbeddedPostgres, law: Fold) -> Iterator[Hall]:
    """A hall on a database of its own."""
    with (
        migrated_city(postgres, "approval") as template,
        fresh_database(postgres, template) as dsn,
        asyncio.Runner() as runner,
    ):
        made = Hall(runner, dsn, law)
        up = made.app.router.lifespan_context(made.app)
        runner.run(up.__aenter__())
        yield made
        runner.run(made.client.aclose())
        runner.run(up.__aexit__(None, None, None))


@settings(
    max_examples=70, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(likely())
def test_the_service_and_the_statute_agree_at_every_step(hall: Hall, walk: list[Any]) -> None:
    hall.runner.run(hall.walk(walk))


@settings(max_examples=20, deadline=None)
@given(st.lists(moves(), min_size=1, max_size=14), st.sampled_from(["window", "online"]))
def test_they_agree_where_most_is_refused(hall: Hall, walk: list[Any], channel: str) -> None:
    hall.runner.run(hall.walk(walk, channel))


def test_a_walk_can_come_to_every_end(hall: Hall) -> None:
    both = DUTIES[2]
    granted = {"outcome": "granted", "delivers_document": True}
    receipt = {"document_no": "R", "sealed": True, "dated": True}
    refusal = {"ground": "not-in-competence", "remedy": "reconsideration"}
    lives: list[list[tuple[str, dict[str, Any]]]] = [
        [("accept", {}), ("decide", granted), ("deliver", {}), ("close", {})],
        [("refuse", refusal), ("issue-receipt", receipt), ("close", {})],
        [("withdraw", {}), ("close", {})],
    ]
    for life in lives:
        ledger = hall.runner.run(hall.walk([(both, step, body) for step, body in life]))
        assert (ledger.state, len(ledger.taken)) == ("closed", len(life))
