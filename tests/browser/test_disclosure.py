"""The public site in a real browser, without JavaScript: readable, reachable, no axe violation."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.events import Event
from services.disclosure.app import create_app
from services.disclosure.settings import Settings
from tests.browser.pages import WIDTHS, opened, served, violations
from tests.databases import run_apart
from tests.service.city import migrated_city
from tests.service.consuming import consume
from tests.service.disclosure.conftest import HANDLER
from tests.unit.disclosure.events import AT, BODY, decided, detected, event, received, tender

pytestmark = pytest.mark.browser
OFFICES = ("市住房和城乡建设局", "市市场监督管理局", "office-3")
PAGES = ("/", "/?kind=award", "/?kind=contract&office=office-3")


def a_busy_month() -> list[Event]:
    """Tenders with awards, granted licences and overruns of three offices."""
    events: list[Event] = []
    for number in range(8):
        office = OFFICES[number % 3]
        subject = f"tender/T-{number}"
        told: list[tuple[str, dict[str, Any]]] = [
            ("trading.tender.clarified", {"bid_deadline": "2026-04-01T09:00:00+08:00"}),
            (
                "trading.award.candidates-publicised",
                {
                    "publicity_from": "2026-04-02T00:00:00+08:00",
                    "publicity_until": "2026-04-05T00:00:00+08:00",
                    "candidates": [
                        {"rank_no": 1, "party": BODY, "price": 12_345_600},
                        {"rank_no": 2, "price": 13_000_000},
                    ],
                },
            ),
            ("trading.award.decided", {"winner": BODY, "award_price": 12_345_600}),
        ]
        events.append(tender(subject=subject, department=office))
        for sequence, (name, data) in enumerate(told, start=2):
            events.append(event(name, subject, sequence, data, department=office))
        case = f"case/C-{number}"
        events += [received(case), decided(case, department=office, time=AT + timedelta(hours=1))]
        attributes = {"department": OFFICES[number % 2]}
        events.append(detected(f"f-{number}", attributes=attributes))
    return events


@pytest.fixture(scope="module", params=["busy", "empty"])
def site(request: pytest.FixtureRequest, postgres: EmbeddedPostgres) -> Iterator[str]:
    """The public site on loopback: of a busy month, and of a city without any record."""
    with migrated_city(postgres, "disclosure") as name:
        dsn = postgres.dsn(database=name)
        if request.param == "busy":
            run_apart(consume(dsn, "disclosure", HANDLER, a_busy_month()))
        with served(create_app(Settings(dsn=dsn, pool_size=2))) as address:
            yield address


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_home_has_no_axe_violation(browser: Browser, site: str, language: str, width: int) -> None:
    page, complaints = opened(browser, f"{site}/?lang={language}", width)
    assert violations(page) == []
    assert complaints == []
    page.close()


@pytest.mark.parametrize("address", PAGES)
def test_home_never_scrolls_sideways_on_a_phone(browser: Browser, site: str, address: str) -> None:
    page, _ = opened(browser, f"{site}{address}", 375)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_record_has_a_page_without_axe_violation(
    browser: Browser, site: str, language: str, width: int
) -> None:
    page, _ = opened(browser, f"{site}/?lang={language}", width)
    for kind in ("tender_notice", "candidates", "award", "decision"):
        page.goto(f"{site}/?kind={kind}")
        links = page.locator("#records tbody a[href^='/records/']")
        if links.count():
            links.first.click()
            assert page.locator("dl.facts > div").count() >= 4
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_a_reader_without_javascript_filters_and_opens_a_record(
    browser: Browser, site: str
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(site)
    page.locator("#records nav").get_by_role("link", name="中标结果").click()
    rows = page.locator("#records tbody tr")
    if rows.count():
        rows.first.get_by_role("link").first.click()
        assert page.locator("h1").inner_text().startswith("中标结果")
        assert BODY in page.locator("dl.facts").inner_text()
    else:
        assert page.get_by_text("没有符合筛选条件的记录").is_visible()
    context.close()
