"""A city's history of tenders, imported from its centre's notices and watched by the monitor.

招标投标法 art. 24: at least twenty days from the first issue of the documents to the deadline.
招标投标法实施条例 art. 54(1): the candidates stay public for at least three days.
优化营商环境条例 art. 37(2): data of government services are uploaded in time.
"""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml

from libs.common.db import engine
from libs.common.events import Event, decode
from libs.common.law.fold import Fold
from services.e_monitor.check.allowance import allowing
from services.e_monitor.clock.adopt import adopt
from services.e_monitor.clock.handlers import MonitorHandler
from services.resource_trading.history.service import Recorded
from services.resource_trading.history.told import Outcome
from sunlight.importing.tender_run import TenderOptions, import_tenders
from tests.service.desk import as_owner
from tests.service.e_monitor.scene import HORIZON, Worker, application, at, calling
from tests.standing import Delivery

CODE: Final[Mapping[str, Any]] = {"field": "project", "as": "code"}
MAPPING: Final[dict[str, Any]] = {
    "name": "centre",
    "format": "notice",
    "regime": "招标投标法",
    "records": [
        {
            "name": "plan",
            "has": ["documents_from"],
            "subject": "project",
            "id": "id",
            "time": {"field": "documents_from", "as": "instant"},
            "recorded": {"field": "put_up", "as": "instant"},
            "events": [
                {
                    "type": "cn.sunlight.trading.tender.published.v1",
                    "data": {
                        "tender_no": CODE,
                        "mandatory": {"field": "mandatory", "as": "bool"},
                        "documents_from": {"field": "documents_from", "as": "instant"},
                        "bid_deadline": {"field": "bid_deadline", "as": "instant"},
                    },
                }
            ],
        },
        {
            "name": "candidates",
            "has": ["publicity_from"],
            "subject": "project",
            "id": "id",
            "time": {"field": "publicity_from", "as": "instant"},
            "recorded": {"field": "put_up", "as": "instant"},
            "events": [
                {
                    "type": "cn.sunlight.trading.award.candidates-publicised.v1",
                    "data": {
                        "publicity_from": {"field": "publicity_from", "as": "instant"},
                        "publicity_until": {"field": "publicity_until", "as": "instant"},
                    },
                }
            ],
        },
    ],
}


def plan(project: str, deadline: str, *, put_up: str = "2025-06-03T08:50", **more: Any) -> Any:
    """Documents issued on Tuesday 3 June 2025."""
    told = {"project": project, "id": f"{project}-plan", "documents_from": "2025-06-03T09:00"}
    return {**told, "bid_deadline": deadline, "put_up": put_up, "mandatory": "true", **more}


def silent(notice: Any) -> Any:
    """A notice that does not say whether tendering was compulsory."""
    return {name: value for name, value in notice.items() if name != "mandatory"}


def candidates(project: str, until: str, *, put_up: str = "2025-07-07T09:00") -> Any:
    """Candidates public from Monday 7 July 2025."""
    told = {"project": project, "id": f"{project}-candidates", "publicity_from": "2025-07-07T09:00"}
    return {**told, "publicity_until": until, "put_up": put_up}


class Centre:
    """Imports notices into the trading service and lets its events go to the monitor."""

    def __init__(self, database: str, law: Fold, folder: Path, site: httpx.AsyncClient) -> None:
        self.database, self.folder, self.site = database, folder, site
        self.worker = Worker(database, law)
        (folder / "centre.yaml").write_text(yaml.safe_dump(MAPPING), "utf-8")

    async def imports(
        self, *notices: Any, recorded: Recorded = "given", mandatory: bool | None = None
    ) -> Outcome:
        """What came of an import; the monitor has heard of what it told."""
        lines = (json.dumps(notice, ensure_ascii=False) for notice in notices)
        (path := self.folder / "notices.jsonl").write_text("\n".join(lines), "utf-8")
        mapping = str(self.folder / "centre.yaml")
        wanted = TenderOptions(
            "990100", "市交易中心", mapping, recorded=recorded, mandatory=mandatory
        )
        outcome = await import_tenders([path], wanted, lambda *_: None)
        told = await self._told()
        await self.worker.feed(told[len(told) - outcome.events :], HORIZON)
        return outcome

    async def _told(self) -> list[Event]:
        async with as_owner(self.database, "trading") as owner:
            rows = await owner.fetch("SELECT value FROM outbox ORDER BY id")
        return [decode(row["value"]) for row in rows]

    async def adopts(self, law: Fold) -> None:
        """Every subject is folded anew from what was observed, under `law`."""
        self.worker.handler = MonitorHandler(law)
        pool = await engine.pool(self.database, "monitor", max_size=2)
        try:
            assert await adopt(pool, self.worker.handler)
        finally:
            await pool.close()

    async def findings(self) -> list[tuple[str, str, str, str]]:
        """Subject, rule, severity and the day it is of."""
        answer = await self.site.get("/api/monitor/v1/findings?limit=100")
        assert answer.status_code == 200, answer.text
        names = ("subject", "rule", "severity", "occurred_at")
        rows = [tuple(one[name] for name in names) for one in answer.json()["items"]]
        return sorted((subject, rule, what, at[:10]) for subject, rule, what, at in rows)


@pytest.fixture
async def centre(
    database: str, law: Fold, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Centre]:
    monkeypatch.setenv("DATABASE_URL", database)
    async with calling(application(database, law)) as site:
        yield Centre(database, law, tmp_path, site)


async def test_only_the_tender_that_left_too_few_days_is_a_finding_of_the_day_bidding_ended(
    centre: Centre,
) -> None:
    await centre.imports(
        plan("P-kept", "2025-06-23T09:00"),  # the twentieth day after the issue
        plan("P-short", "2025-06-22T09:00"),
    )
    assert await centre.findings() == [("tender/P-short", "TDR-001", "red", "2025-06-22")]


async def test_only_the_publicity_that_was_too_short_is_a_finding_of_the_day_it_ended(
    centre: Centre,
) -> None:
    await centre.imports(
        *(plan(name, "2025-07-01T09:00") for name in ("P-kept", "P-short")),
        candidates("P-kept", "2025-07-10T18:00"),
        candidates("P-short", "2025-07-09T18:00"),
    )
    assert await centre.findings() == [("tender/P-short", "TDR-021", "red", "2025-07-09")]


async def test_what_nobody_called_compulsory_is_not_judged_as_if_it_were(centre: Centre) -> None:
    await centre.imports(silent(plan("P-short", "2025-06-22T09:00")))
    assert await centre.findings() == []


NINETEEN: Final = ("tender/P-short", "TDR-001", "red", "2025-06-22")


@pytest.mark.parametrize(("mandatory", "found"), [(True, [NINETEEN]), (False, [])])
async def test_whoever_imports_may_say_whether_tendering_was_compulsory(
    centre: Centre, mandatory: bool, found: list[Any]
) -> None:
    """招标投标法 art. 24 binds what had to be put out to tender by art. 3."""
    await centre.imports(silent(plan("P-short", "2025-06-22T09:00")), mandatory=mandatory)
    assert await centre.findings() == found


async def test_the_publicity_of_what_was_declared_compulsory_is_judged(centre: Centre) -> None:
    await centre.imports(
        silent(plan("P-short", "2025-07-01T09:00")),
        candidates("P-short", "2025-07-09T18:00"),
        mandatory=True,
    )
    assert await centre.findings() == [("tender/P-short", "TDR-021", "red", "2025-07-09")]


@pytest.mark.parametrize(("said", "found"), [("true", [NINETEEN]), ("false", [])])
async def test_what_the_notice_says_itself_goes_before_what_was_declared(
    centre: Centre, said: str, found: list[Any]
) -> None:
    notice = plan("P-short", "2025-06-22T09:00", mandatory=said)
    await centre.imports(notice, mandatory=said == "false")
    assert await centre.findings() == found


async def test_what_is_declared_with_a_second_import_is_judged_from_then_on(centre: Centre) -> None:
    notice = silent(plan("P-short", "2025-06-22T09:00"))
    await centre.imports(notice)
    await centre.imports(notice, mandatory=True)
    assert await centre.findings() == [NINETEEN]


async def test_a_declaration_that_is_put_right_takes_its_finding_back(centre: Centre) -> None:
    notice = silent(plan("P-short", "2025-06-22T09:00"))
    await centre.imports(notice, mandatory=True)
    await centre.imports(notice, mandatory=False)
    assert await centre.findings() == []


async def test_a_deadline_that_was_moved_stays_so_when_the_plan_is_told_anew(
    centre: Centre,
) -> None:
    moved = plan("P", "2025-06-30T09:00", id="P-plan-2", put_up="2025-06-03T09:00")
    notices = [silent(one) for one in (plan("P", "2025-06-22T09:00"), moved)]
    await centre.imports(*notices)
    await centre.imports(*notices, mandatory=True)
    assert await centre.findings() == []


async def test_a_second_import_of_the_same_notices_adds_no_finding(centre: Centre) -> None:
    notice = plan("P-short", "2025-06-22T09:00")
    first, found = await centre.imports(notice), await centre.findings()
    second = await centre.imports(notice)
    assert (first.events, second.events, second.rejects) == (1, 0, [])
    assert await centre.findings() == found


async def test_a_deadline_that_was_moved_in_time_heals_the_finding(centre: Centre) -> None:
    """The plan is held against the deadline that holds (art. 24 counts to the deadline)."""
    await centre.imports(plan("P", "2025-06-22T09:00"))
    moved = plan("P", "2025-06-30T09:00", id="P-plan-2", put_up="2025-06-03T09:00")
    await centre.imports(moved)
    assert await centre.findings() == []


LATE_PLAN: Final = plan("P-late", "2025-06-30T09:00", put_up="2025-06-20T09:00")
"""Put up thirteen working days after the documents were issued: 3 + 5 + 5, to Friday the 20th."""


async def test_a_plan_that_its_centre_put_up_late_accuses_nobody(centre: Centre) -> None:
    await centre.imports(LATE_PLAN)
    assert await centre.findings() == []


async def test_when_the_import_itself_was_made_accuses_nobody(centre: Centre) -> None:
    await centre.imports(plan("P-kept", "2025-06-30T09:00"), recorded="now")
    assert await centre.findings() == []


async def test_it_accuses_nobody_once_folded_anew(centre: Centre, law: Fold) -> None:
    await centre.imports(LATE_PLAN)
    await centre.adopts(law)
    assert await centre.findings() == []


async def test_what_is_told_out_of_order_accuses_nobody(centre: Centre) -> None:
    """The plan comes after what followed it, so that the tender is folded anew."""
    await centre.imports(candidates("P-late", "2025-07-10T18:00", put_up="2025-08-01T09:00"))
    await centre.imports(LATE_PLAN)
    assert await centre.findings() == []


async def test_a_plan_that_is_told_anew_is_no_late_entry_of_a_granted_centre(
    centre: Centre, law: Fold
) -> None:
    """The declaration came late, not the plan: it was put up a day before it began."""
    centre.worker.handler = MonitorHandler(allowing(law, {"centre": 1}))
    await centre.imports(silent(plan("P", "2025-06-30T09:00", put_up="2025-06-02T09:00")))
    again = silent(plan("P", "2025-06-30T09:00", id="P-plan-2", put_up="2025-06-20T09:00"))
    assert (await centre.imports(again, mandatory=True)).events == 1
    assert await centre.findings() == []


@pytest.mark.parametrize(("days", "found"), [(12, 1), (13, 0)])
async def test_a_centre_that_is_granted_an_allowance_is_held_to_it(
    centre: Centre, law: Fold, days: int, found: int
) -> None:
    centre.worker.handler = MonitorHandler(allowing(law, {"centre": days}))
    await centre.imports(LATE_PLAN)
    late = [("tender/P-late", "EMO-031-LATE", "info", "2025-06-20")]
    assert await centre.findings() == late * found


async def test_the_allowance_of_another_system_does_not_bind_the_centre(
    centre: Centre, law: Fold
) -> None:
    await centre.imports(LATE_PLAN)
    await centre.adopts(allowing(law, {"housing": 1}))
    assert await centre.findings() == []


def told(source: str, subject: str, kind: str) -> Event:
    """A step of Friday 4 September 2026, recorded on Tuesday the 8th: two working days late."""
    return Event(
        id=f"{subject}-1",
        type=f"cn.sunlight.{kind}.v1",
        source=source,
        subject=subject,
        time=at("2026-09-04T09:00:00"),
        recordedtime=at("2026-09-08T09:00:00"),
        sequence=1,
        data={},
        region="990100",
        department="市住建局",
    )


@pytest.fixture
async def city(database: str, law: Fold) -> AsyncIterator[Delivery]:
    """The department's system housing may tell one working day late; our own services may not."""
    opened = await Delivery.opened(database, allowing(law, {"housing": 1}))
    yield opened
    await opened.close()


async def late_entries(city: Delivery) -> list[tuple[str, int]]:
    """Subject and days late of each finding that stands."""
    rows = await city.pool.fetch(
        "SELECT subject, evidence #>> '{seen,days_late}' AS days FROM finding "
        "WHERE rule = 'EMO-031-LATE' AND status <> 'rescinded' ORDER BY subject, occurrence"
    )
    return [(row["subject"], int(row["days"])) for row in rows]


LATE: Final = {
    "a granted system": ("registry", "/990100/housing", "housing/1", "approval.case.accepted", 1),
    "another system": ("registry", "/990100/land", "land/1", "approval.case.accepted", 2),
    "another system's tender": ("registry", "/990100/land", "land/1", "trading.tender.opened", 2),
    "a clerk": ("approval", "/990100/approval", "case/1", "approval.case.accepted", 2),
    "a clerk of tenders": ("trading", "/990100/trading", "tender/1", "trading.tender.opened", 2),
}
"""Topic, source, subject, event and days late of what no import told."""


@pytest.mark.parametrize(
    ("topic", "source", "subject", "kind", "days"), LATE.values(), ids=LATE.keys()
)
@pytest.mark.parametrize("anew", [False, True], ids=["as it comes", "folded anew"])
async def test_a_late_entry_that_no_import_told_is_found_as_ever(
    city: Delivery, topic: str, source: str, subject: str, kind: str, days: int, anew: bool
) -> None:
    await city.deliver([told(source, subject, kind)], topic)
    if anew:
        assert await adopt(city.pool, city.handler) == 1
    await city.move_to(at("2026-09-09T00:00:00"))
    assert await late_entries(city) == [(subject, days)]


async def test_a_tender_observed_before_sources_were_kept_is_judged_as_it_was(
    city: Delivery,
) -> None:
    imported = told("/990100/centre", "tender/1", "trading.tender.opened")
    await city.deliver([imported], "trading")
    await city.pool.execute("UPDATE observation SET source = NULL")
    await adopt(city.pool, city.handler)
    assert await late_entries(city) == [("tender/1", 2)]
