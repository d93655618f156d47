"""A late case from the monitor to the public: late, answered, decided, and the month after.

Both services are the real ones on one city; what the monitor puts into its outbox is what
disclosure consumes. Accepted on Monday 2 February 2026, twenty working days (行政许可法 42) are
3 to 6 February (4), 9 to 13 (9), Saturday 14 (10), 24 to 27 (14), Saturday 28 (15), 2 to 6 March:
15 to 23 February are off, both Saturdays are worked (国办发明电〔2025〕7号). Decided on Tuesday
10 March it is two working days late.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import httpx
import pytest

from libs.common.db import migrations
from libs.common.db.city_clock import create_city_clock
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.events import Event, decode
from libs.common.identity.actor import Actor
from libs.common.law.fold import Fold
from services.disclosure.app import create_app
from services.disclosure.settings import Settings
from tests.databases import fresh_database, run_apart
from tests.service import desk
from tests.service.city import START, move_to
from tests.service.consuming import consume
from tests.service.disclosure.conftest import HANDLER, SITE
from tests.service.e_monitor.scene import Worker, accepted, application, at, post
from tests.service.e_monitor.scene import calling as calling_monitor

CASE, OFFICE = "case/2026-7", "市住建局"
SUPERVISOR = post("supervisor", name="jc-01", office="市效能办")
HEAD = post("head", name="zj-head", office=OFFICE)
STATEMENT = "专家评审会改期,已补开。"
FACTS = "/api/disclosure/v1/overdue/facts"


async def _prepare(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await create_city_clock(connection, START)
    await connection.close()
    await migrations.upgrade(dsn, "monitor")
    await migrations.upgrade(dsn, "disclosure")


@dataclass
class City:
    """Monitor and disclosure over one database, and the bus between them."""

    dsn: str
    law: Fold
    worker: Worker
    relayed: int = 0

    async def happens(self, events: list[Event], upto: str) -> None:
        """The city lives to `upto`, with these events of the case; both services hear of them."""
        await move_to(self.dsn, at(upto))
        await self.worker.feed(events, upto)
        await consume(self.dsn, "disclosure", HANDLER, events)
        await self.relay()

    async def relay(self) -> None:
        """Hand what the monitor has said on to disclosure."""
        connection = await asyncpg.connect(self.dsn)
        try:
            rows = await connection.fetch(
                "SELECT id, value FROM monitor.outbox WHERE id > $1 ORDER BY id", self.relayed
            )
        finally:
            await connection.close()
        for row in rows:
            self.relayed = row["id"]
        events = [decode(row["value"]) for row in rows]
        await consume(self.dsn, "disclosure", HANDLER, events)

    async def does(self, actor: Actor, action: str, **body: Any) -> None:
        """One step of the handling of the case's card, at the monitor's API."""

        async def identify(_: object) -> Actor:
            return actor

        app = application(self.dsn, self.law, identify=identify)
        async with calling_monitor(app, "/api/monitor/v1") as api:
            found = await api.get("/findings", params={"rule": "APV-010"})
            (card,) = found.json()["items"]
            answer = await api.post(
                f"/findings/{card['id']}/{action}",
                json=body,
                headers={"If-Match": f'"{card["version"]}"'},
            )
        assert answer.status_code == 200, answer.text
        await self.relay()

    def decided(self, when: str) -> Event:
        return self.worker.event("approval.case.decided", CASE, when, outcome="granted")


@pytest.fixture(scope="module")
def template(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The name of a city with both schemas, to be copied."""
    with fresh_database(postgres) as dsn:
        run_apart(_prepare(dsn))
        yield dsn.partition("?")[0].rpartition("/")[2]


@pytest.fixture
async def city(postgres: EmbeddedPostgres, template: str, law: Fold) -> AsyncIterator[City]:
    """On Monday 9 March the case is a working day late, and nobody has said anything."""
    with fresh_database(postgres, template) as dsn:
        made = City(dsn, law, Worker(dsn, law))
        await made.happens(accepted(made.worker, CASE, "2026-02-02"), "2026-03-09T08:00:00")
        yield made


@pytest.fixture
async def public(city: City) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(dsn=city.dsn, pool_size=2, fresh_seconds=0))
    async with desk.calling(app, SITE) as reader:
        yield reader


async def counts(public: httpx.AsyncClient) -> tuple[int, int, int, int | None]:
    """Standing now, passed in this month, waiting, handled in this month: the case's office's."""
    items = (await public.get("/api/disclosure/v1/overdue")).json()["items"]
    (row,) = [item for item in items if item["office"] == OFFICE]
    return row["standing"], row["occurred"], row["waiting"], row["handled"]


async def facts(public: httpx.AsyncClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await public.get(FACTS)).json()["items"]
    return items


async def answered(city: City) -> None:
    """On Monday the 9th the office is asked, and answers."""
    await city.happens([], "2026-03-09T09:00:00")
    await city.does(SUPERVISOR, "assign", answer_by="2026-03-16")
    await city.does(HEAD, "answer", cause="department", statement=STATEMENT)


async def test_late_and_unanswered_it_waits_beside_the_count_and_is_no_fact(
    city: City, public: httpx.AsyncClient
) -> None:
    assert await counts(public) == (0, 0, 1, None)
    assert await facts(public) == []


async def test_answered_it_is_counted_with_the_answer_beside_it(
    city: City, public: httpx.AsyncClient
) -> None:
    await answered(city)
    assert await counts(public) == (1, 1, 0, None)
    (fact,) = await facts(public)
    assert (fact["state"], fact["statement"]) == ("standing", STATEMENT)
    assert datetime.fromisoformat(fact["occurred_at"]) == at("2026-03-07T00:00:00")
    assert STATEMENT in (await public.get("/overdue")).text


async def test_asked_and_silent_it_is_counted_once_the_time_to_answer_has_passed(
    city: City, public: httpx.AsyncClient
) -> None:
    await city.happens([], "2026-03-09T09:00:00")
    await city.does(SUPERVISOR, "assign", answer_by="2026-03-16")
    await city.happens([], "2026-03-16T23:00:00")
    assert await counts(public) == (0, 0, 1, None)
    await city.happens([], "2026-03-17T00:01:00")
    assert await counts(public) == (1, 1, 0, None)
    (fact,) = await facts(public)
    assert (fact["claim"], fact["statement"]) == (None, None)


async def test_decided_it_leaves_overdue_now_and_stays_in_the_months_total(
    city: City, public: httpx.AsyncClient
) -> None:
    await answered(city)
    await city.happens([city.decided("2026-03-10T10:00:00")], "2026-03-10T11:00:00")
    assert await counts(public) == (0, 1, 0, 1)
    (fact,) = await facts(public)
    assert (fact["state"], fact["over"], fact["unit"]) == ("finished", 2, "working_day")


async def test_decided_the_answer_stays_beside_it(city: City, public: httpx.AsyncClient) -> None:
    await answered(city)
    await city.happens([city.decided("2026-03-10T10:00:00")], "2026-03-10T11:00:00")
    page = (await public.get("/overdue")).text
    assert STATEMENT in page
    assert "已办结,超过时限 2 个工作日" in page


async def test_an_answer_that_comes_after_the_decision_is_published_too(
    city: City, public: httpx.AsyncClient
) -> None:
    await city.happens([city.decided("2026-03-10T10:00:00")], "2026-03-10T11:00:00")
    assert await facts(public) == []
    assert await counts(public) == (0, 0, 1, 1)
    await city.does(SUPERVISOR, "assign", answer_by="2026-03-16")
    await city.does(HEAD, "answer", cause="department", statement=STATEMENT)
    (fact,) = await facts(public)
    assert (fact["state"], fact["over"], fact["statement"]) == ("finished", 2, STATEMENT)
    assert await counts(public) == (0, 1, 0, 1)


async def test_in_the_month_after_it_is_in_no_total_and_its_fact_still_stands(
    city: City, public: httpx.AsyncClient
) -> None:
    """What stands then is the delivery (行政许可法 44), which nobody has recorded."""
    await answered(city)
    await city.happens([city.decided("2026-03-10T10:00:00")], "2026-03-10T11:00:00")
    await city.happens([], "2026-04-01T09:00:00")
    assert await counts(public) == (0, 0, 1, None)
    assert [fact["statement"] for fact in await facts(public)] == [STATEMENT]


async def test_decided_a_month_later_it_counts_late_in_both_months_by_what_each_says(
    city: City, public: httpx.AsyncClient
) -> None:
    """Passed in March, decided in April: March's overruns have it, April's decisions too."""
    await answered(city)
    assert await counts(public) == (1, 1, 0, None)
    await city.happens([city.decided("2026-04-01T10:00:00")], "2026-04-01T11:00:00")
    assert await counts(public) == (0, 0, 0, 1)
    (fact,) = await facts(public)
    assert fact["state"] == "finished"


async def test_shown_by_a_late_record_to_be_in_time_it_and_its_answer_are_withdrawn(
    city: City, public: httpx.AsyncClient
) -> None:
    await answered(city)
    # Recorded on the 10th, decided in time on Thursday the 5th.
    await city.happens([city.decided("2026-03-05T10:00:00")], "2026-03-10T11:00:00")
    assert await facts(public) == []
    assert STATEMENT not in (await public.get("/overdue")).text
    assert await counts(public) == (0, 0, 0, 1)
