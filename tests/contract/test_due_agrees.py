"""The due date that approval prints is the one the monitor finds in approval's own events.

Cases are generated, driven through the real commands on PostgreSQL, and their encoded events read
back from the outbox; a fold that knows nothing else says when the decision is due.
"""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.events import Event, decode
from libs.common.events.contracts.approval import CaseAccepted, CaseDecided
from libs.common.identity.actor import loopback_only
from libs.common.law.fold import Fold
from libs.common.law.rule import Deadline
from services.approval.app import create_app
from services.approval.settings import Settings
from tests.databases import fresh_database
from tests.service.approval.conftest import CLERK, Desk
from tests.service.city import migrated_city
from tests.service.conftest import law

__all__ = ["law"]

UNITS = ("working_day", "calendar_day", "month", "hour")
RECEIPT = {"document_no": "R-1", "sealed": True, "dated": True}
HEADS = {True: ("government_head", 15), False: ("office_head", 10)}


@st.composite
def applications(draw: st.DrawFn) -> dict[str, Any]:
    """A body to receive: any kind of item, with or without limits of its own."""
    body: dict[str, Any] = {
        "item_type": draw(st.sampled_from(["行政许可", "行政确认", "公共服务"])),
        "immediate": draw(st.booleans()),
        "joint": draw(st.booleans()),
        "limit_set_by_law": draw(st.booleans()),
    }
    if body["joint"]:
        body["lead_office"] = "office-1"
    for name, wanted in (
        ("statutory", body["limit_set_by_law"]),
        ("promised", draw(st.booleans())),
    ):
        if wanted:
            body[f"{name}_limit"] = draw(st.integers(1, 60))
            body[f"{name}_unit"] = draw(st.sampled_from(UNITS))
    return body


@st.composite
def corrections(draw: st.DrawFn) -> dict[str, Any]:
    """Right values of entries: another type, another limit, or none."""
    limit = st.integers(1, 60)
    return draw(
        st.fixed_dictionaries(
            {"reason_code": st.just("typing_error"), "reason": st.just("看错申请表")},
            optional={
                "item_type": st.sampled_from(["行政许可", "行政确认", "公共服务"]),
                "immediate": st.booleans(),
                "limit_set_by_law": st.booleans(),
                "statutory_limit": limit,
                "statutory_unit": st.sampled_from(UNITS),
                "without_statutory_limit": st.booleans(),
                "promised_limit": limit,
                "promised_unit": st.sampled_from(UNITS),
                "without_promise": st.booleans(),
            },
        )
    )


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[str, float, dict[str, Any]]]:
    """Steps after the acceptance, each so many days after the one before; what corrections say."""
    paused = False
    steps = []
    for _ in range(draw(st.integers(0, 5))):
        step = draw(
            st.sampled_from(["correct", "resume"] if paused else ["pause", "extend", "correct"])
        )
        paused = step == "pause" or (paused and step != "resume")
        said = draw(corrections()) if step == "correct" else {}
        steps.append((step, draw(st.sampled_from([0.0, 0.4, 1.0, 2.6, 9.0])), said))
    return steps


def dues(law: Fold, events: list[Event], at: datetime) -> dict[str, date | datetime]:
    """Rule → due, as the fold reads it from the events alone."""
    return {
        f"{row.rule.id}@{row.rule.version}": row.reading.due
        for row in law.judged(law.fold(events), at)
        if isinstance(row.rule, Deadline) and row.reading is not None
        if row.reading.due is not None and any(stage.remind is None for stage in row.rule.stages)
        if CaseAccepted.event_type in row.rule.start and CaseDecided.event_type in row.rule.stop
    }


def printed(shown: dict[str, Any]) -> dict[str, date | datetime]:
    """Rule → due, as approval shows it."""
    return {
        f"{row['rule']}@{row['version']}": (
            date.fromisoformat(row["day"]) if row["day"] else datetime.fromisoformat(row["until"])
        )
        for row in shown["deadlines"]
    }


class Office:
    """The service with its clock in our hands, run from a test that is not a coroutine."""

    def __init__(self, runner: asyncio.Runner, dsn: str, law: Fold) -> None:
        self.runner, self.dsn, self.law = runner, dsn, law

    async def live(
        self, body: dict[str, Any], steps: list[tuple[str, float, dict[str, Any]]]
    ) -> None:
        """Drive one case and compare after every step."""
        case_no = await self.desk.receive(**body)
        await self.compare(await self.desk.done(case_no, "accept"))
        for step, days, said in steps:
            await self.owner.execute(
                "UPDATE city.clock SET ahead = ahead + $1", timedelta(days=days)
            )
            told = said or await self.said(step, body)
            answer = await self.desk.do(case_no, step, **told)
            refusable = {("extend", 422), ("correct", 422)}
            assert answer.status_code == 200 or (step, answer.status_code) in refusable
            if answer.is_success:
                await self.compare(answer.json())

    async def said(self, step: str, body: dict[str, Any]) -> dict[str, Any]:
        """The body of a step."""
        if step == "pause":
            return {"ground": "testing", "notice_no": "N-1"}
        if step == "resume":
            return {}
        level, length = HEADS[body["joint"]]
        now: datetime = await self.owner.fetchval("SELECT city.city_now()")
        return {"approver_level": level, "extension_length": length, "told_at": now.isoformat()}

    async def compare(self, shown: dict[str, Any]) -> None:
        """What is shown against what the events say."""
        rows = await self.owner.fetch(
            "SELECT value FROM approval.outbox WHERE subject = $1 ORDER BY id",
            f"case/{shown['case_no']}",
        )
        events = [decode(row["value"]) for row in rows]
        found = dues(self.law, events, events[-1].recordedtime)
        assert printed(shown) == found
        first = shown["due"] and f"{shown['due']['rule']}@{shown['due']['version']}"
        assert (first in found) if found else first is None

    async def __aenter__(self) -> "Office":
        identify = loopback_only(CLERK, "127.0.0.1")
        self.app = create_app(Settings(dsn=self.dsn), law=self.law, identify=identify)
        self.running = self.app.router.lifespan_context(self.app)
        await self.running.__aenter__()
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://city.test/api/approval/v1",
        )
        self.desk = Desk(client)
        self.owner = await asyncpg.connect(self.dsn)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.owner.close()
        await self.desk.client.aclose()
        await self.running.__aexit__(None, None, None)


@pytest.fixture(scope="module")
def office(postgres: EmbeddedPostgres, law: Fold) -> Iterator[Office]:
    """An office on a database of its own; its clock only moves forward."""
    with (
        migrated_city(postgres, "approval") as template,
        fresh_database(postgres, template) as dsn,
        asyncio.Runner() as runner,
    ):
        made = Office(runner, dsn, law)
        runner.run(made.__aenter__())
        yield made
        runner.run(made.__aexit__())


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=applications(), steps=lives())
def test_the_due_date_printed_is_the_one_the_monitor_reads_from_the_events(
    office: Office, body: dict[str, Any], steps: list[tuple[str, float, dict[str, Any]]]
) -> None:
    office.runner.run(office.live(body, steps))


def test_a_corrected_case_has_the_dates_of_one_that_was_right_from_the_start(
    office: Office,
) -> None:
    async def both() -> tuple[dict[str, Any], dict[str, Any]]:
        wrong = await office.desk.receive(
            item_type="公共服务", promised_limit=2, promised_unit="hour"
        )
        right = await office.desk.receive(promised_limit=7, promised_unit="working_day")
        for case_no in (wrong, right):
            await office.desk.done(case_no, "accept")
        await office.owner.execute("UPDATE city.clock SET ahead = ahead + interval '3 days'")
        corrected = await office.desk.done(
            wrong,
            "correct",
            item_type="行政许可",
            promised_limit=7,
            promised_unit="working_day",
            reason_code="misread_document",
            reason="看错申请表",
        )
        await office.compare(corrected)
        return corrected, await office.desk.done(right, "issue-receipt", **RECEIPT)

    corrected, right = office.runner.run(both())

    assert corrected["deadlines"] == right["deadlines"]
    assert {row["rule"] for row in right["deadlines"]} == {"APV-010", "APV-023"}
