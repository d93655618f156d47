"""Hostile text in every field that a page shows later: nothing runs, nothing breaks the layout.

Where a field's limits refuse the text nothing is to be shown; a fault of ours is never the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.events import Event
from services.e_monitor.intake.reading import SINGLE
from services.e_monitor.settings import Settings as MonitorSettings
from tests.browser.pages import opened
from tests.contract.fuzzed import fuzzed
from tests.contract.planted import migrated
from tests.databases import fresh_database, run_apart
from tests.service.consuming import consume
from tests.service.disclosure.conftest import HANDLER
from tests.service.e_monitor.scene import play
from tests.service.resource_trading.conftest import WORKS
from tests.unit.disclosure.events import detected, event, follow_up, tender

pytestmark = pytest.mark.browser
TEXTS: Final = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "attribute": "' onmouseover='alert(1)' style='color:red",
    "override": "\u202egnp.exe\u202d",
    "long": "W" * 500,
    "long-zh": "阳" * 500,
}
ANSWER: Final = {"claim": "delay", "cause": "department"}
CODE: Final = 100
PHONE: Final = 375
MOST_PAGES: Final = 30


@pytest.fixture(scope="module")
def city(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database with every schema."""
    with fresh_database(postgres) as dsn:
        run_apart(migrated(dsn))
        yield dsn


class Caller:
    """Sends commands for any version; a refused one is as good as a taken one."""

    def __init__(self, base: str) -> None:
        self.client = httpx.Client(base_url=base, headers={"if-match": "*"}, timeout=30)
        self.taken: set[str] = set()

    def post(self, path: str, media_type: str = "application/json", **body: Any) -> httpx.Response:
        answer = self.client.post(path, json=body, headers={"content-type": media_type})
        assert answer.status_code < 500, answer.text
        if answer.is_success:
            self.taken.add(path.rpartition("/")[2])
        return answer

    def close(self) -> None:
        """Close its connection."""
        self.client.close()

    def late(self) -> str:
        """A finding of the caller's own office."""
        found = self.client.get("/findings", params={"rule": "APV-010"}).json()["items"]
        return str(found[0]["id"])


def looked_at(browser: Browser, base: str, starts: Sequence[str], begins: str) -> set[str]:
    """The pages at `starts` and those they link to that begin with `begins`, each on a phone."""
    todo, seen = list(starts), set[str]()
    while todo and len(seen) < MOST_PAGES:
        path = todo.pop(0)
        if path in seen:
            continue
        seen.add(path)
        page, complaints = opened(browser, base + path, PHONE)
        page.locator("body").hover()
        assert complaints == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE, path
        hrefs = "all => all.map(one => new URL(one.href).pathname)"
        links = page.locator("a[href]").evaluate_all(hrefs)
        # The browser shows a PDF by a part of its own.
        todo += [one for one in links if one.startswith(begins) and not one.endswith(".pdf")]
        page.close()
    return seen


def test_what_a_clerk_writes_stays_text(browser: Browser, city: str, tmp_path: Path) -> None:
    with (
        fuzzed("approval", city, tmp_path, known=True) as site,
        closing(Caller(f"{site.address}/api/approval/v1")) as caller,
    ):
        for text in TEXTS.values():
            _refused_after_all(caller, text)
            _resting(caller, text)
        seen = looked_at(browser, site.address, ["/window", "/window/new"], "/window/cases/")
    every = {"request-supplement", "receive-supplement", "correct", "refuse", "accept"}
    assert every | {"cases", "issue-receipt", "start-step", "pause"} <= caller.taken
    assert len(seen) > 2 * len(TEXTS)


def _refused_after_all(caller: Caller, text: str) -> None:
    at, code = _received(caller, text), text[:CODE]
    caller.post(f"{at}/request-supplement", notice_no=code, materials=[code])
    caller.post(f"{at}/receive-supplement", notice_no=code)
    caller.post(f"{at}/correct", reason_code="wrong_item", reason=text, item_code="A-2")
    caller.post(f"{at}/refuse", ground=code, remedy=code)


def _resting(caller: Caller, text: str) -> None:
    at, code = _received(caller, text), text[:CODE]
    caller.post(f"{at}/accept")
    caller.post(f"{at}/issue-receipt", document_no=code, dated=True, sealed=True)
    caller.post(f"{at}/start-step", step=code)
    caller.post(f"{at}/pause", ground="hearing", notice_no=code)


def _received(caller: Caller, text: str) -> str:
    code = text[:CODE]
    body = {"item_code": code, "item_type": "行政许可", "window": code}
    applicant = {"kind": "organisation", "name": code}
    answer = caller.post("/cases", **body, applicant=applicant)
    if not answer.is_success:
        # A name may be refused for a sign that no name has; the other fields are tried without it.
        answer = caller.post("/cases", **body)
    return f"/cases/{answer.json()['case_no']}"


def test_what_a_hall_writes_stays_text(browser: Browser, city: str, tmp_path: Path) -> None:
    with (
        fuzzed("trading", city, tmp_path, known=True) as site,
        closing(Caller(f"{site.address}/api/trading/v1")) as caller,
    ):
        for name, text in TEXTS.items():
            number, code = f"T-{name}", text[:CODE]
            at = f"/tenders/{number}"
            caller.post("/tenders", **{**WORKS, "tender_no": number})
            caller.post(f"{at}/file-objection", objection_no=code, against="documents")
            caller.post(f"{at}/terminate", ground=code)
        seen = looked_at(browser, site.address, ["/trading"], "/trading/")
    assert {"tenders", "file-objection", "terminate"} <= caller.taken
    assert len(seen) > len(TEXTS)


def test_what_departments_and_supervisors_write_stays_text(
    browser: Browser,
    postgres: EmbeddedPostgres,
    template: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MONITOR_DEMO", "1")
    with fresh_database(postgres, template) as dsn:
        run_apart(_watched(dsn))
        with (
            fuzzed("monitor", dsn, tmp_path, known=True, office="市住建局") as site,
            closing(Caller(f"{site.address}/api/monitor/v1")) as caller,
        ):
            at = f"/findings/{caller.late()}"
            caller.post(f"{at}/assign", answer_by="2026-12-09", note="请说明")
            for text in TEXTS.values():
                caller.post(f"{at}/answer", cause="department", statement=text[:300], note=text)
                caller.post(f"{at}/return", answer_by="2026-12-09", note=text)
                told = dict.fromkeys(("id", "source", "type", "subject"), text)
                caller.post("/events", SINGLE, **told, specversion="1.0")
            pages = [
                f"/monitor{at}",
                "/monitor",
                "/monitor/sources",
                "/monitor/work",
                "/monitor/findings",
            ]
            seen = looked_at(browser, site.address, pages, "/monitor/")
    assert {"assign", "answer", "return"} <= caller.taken
    assert len(seen) > len(pages) + len(TEXTS)


async def _watched(dsn: str) -> None:
    """An autumn, and a licence without a case from each hostile department."""
    worker = await play(dsn, MonitorSettings(dsn=dsn).law())
    licences = [
        worker.event(
            "registry.licence.issued",
            f"fire/{text[:60]}",
            "2026-10-21T11:00:00",
            licence_no=text[:CODE],
            department=text[:60],
        )
        for text in TEXTS.values()
    ]
    await worker.feed(licences, "2026-11-03T12:00:05")


def test_what_becomes_public_stays_text(browser: Browser, city: str, tmp_path: Path) -> None:
    told: list[Event] = []
    for name, text in TEXTS.items():
        finding, subject = f"f-{name}", f"tender/T-{name}"
        told += [
            tender(subject=subject, department=text[:60]),
            event("trading.award.decided", subject, 2, {"winner": text[:CODE]}),
            detected(finding),
            follow_up("answered", 2, finding, **ANSWER, statement=text[:300]),
        ]
    run_apart(consume(city, "disclosure", HANDLER, told))
    with fuzzed("disclosure", city, tmp_path, known=True) as site:
        seen = looked_at(browser, site.address, ["/", "/overdue"], "/records/")
    assert len(seen) > 2 + len(TEXTS)


def test_a_script_that_is_let_in_is_noticed(browser: Browser, city: str, tmp_path: Path) -> None:
    hostile = TEXTS["image"].removeprefix('">')
    with fuzzed("disclosure", city, tmp_path, known=True) as site:
        page, complaints = opened(browser, site.address)
        page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", hostile)
        page.wait_for_timeout(300)
        page.close()
    assert any("Content Security Policy" in one for one in complaints), complaints
