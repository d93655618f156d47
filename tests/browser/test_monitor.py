"""The monitor's pages in a real browser: no axe violation, no sideways scrolling, live changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import httpx
import pytest
from playwright.sync_api import Browser, expect

from libs.common.db.embedded import EmbeddedPostgres
from services.e_monitor.settings import Settings
from services.e_monitor.stream import lasting
from tests.browser.pages import WIDTHS, opened, violations
from tests.databases import fresh_database, run_apart
from tests.service.e_monitor.scene import Worker, application, play, serving
from tests.service.e_monitor.test_stream_ends import Session

pytestmark = pytest.mark.browser
PAGES = (
    "/monitor",
    "/monitor/findings",
    "/monitor/findings/{finding}",
    "/monitor/why/case/2026-1/APV-010",
    "/monitor/why/fire/2026-88/EMO-020",
    "/monitor/why/tender/T-1/TDR-021",
    "/monitor/subjects/case/2026-1",
    "/monitor/sources",
)
WHY = "/monitor/why/case/2026-1/APV-010"


@dataclass(frozen=True)
class Monitor:
    """A served monitor, its worker, and one finding in it."""

    address: str
    worker: Worker
    finding: str

    def at(self, page: str) -> str:
        return self.address + page.format(finding=self.finding)


@pytest.fixture(scope="module")
def monitor(postgres: EmbeddedPostgres, template: str) -> Iterator[Monitor]:
    with fresh_database(postgres, template) as dsn:
        law = Settings(dsn=dsn).law()
        worker = run_apart(play(dsn, law))
        with serving(application(dsn, law)) as address:
            found = httpx.get(f"{address}/api/monitor/v1/findings?rule=APV-010").json()
            yield Monitor(address, worker, found["items"][0]["id"])


LOOKS = [*product(("lang=zh", "lang=en"), WIDTHS), ("lang=zh&text=large", 375)]


@pytest.mark.parametrize(("choice", "width"), LOOKS)
@pytest.mark.parametrize("address", PAGES)
def test_page_has_no_axe_violation_and_fits(
    browser: Browser, monitor: Monitor, address: str, choice: str, width: int
) -> None:
    page, complaints = opened(browser, f"{monitor.at(address)}?{choice}", width)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    page.close()


@pytest.mark.parametrize(("language", "due"), [("zh", "到期"), ("en", "Due")])
def test_why_page_marks_the_due_day(
    browser: Browser, monitor: Monitor, language: str, due: str
) -> None:
    page, _ = opened(browser, f"{monitor.at(WHY)}?lang={language}")
    days = page.locator(".day-due")
    assert days.count() == 1
    assert "20" in days.inner_text()
    assert due in days.inner_text()
    page.close()


def test_heat_map_is_drawn(browser: Browser, monitor: Monitor) -> None:
    page, complaints = opened(browser, monitor.at("/monitor"))
    page.locator("#heat-map canvas").wait_for()
    assert complaints == []
    page.close()


def test_one_click_from_the_dashboard_explains_a_finding(
    browser: Browser, monitor: Monitor
) -> None:
    page, _ = opened(browser, monitor.at("/monitor?lang=en"))
    row = page.locator("#newest tr", has_text="case 2026-1:")
    row.get_by_role("link", name="Why").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Decide within twenty days")
    page.close()


def test_new_finding_appears_marked_and_the_horizon_moves(
    browser: Browser, monitor: Monitor
) -> None:
    page, _ = opened(browser, monitor.at("/monitor?lang=en"))
    page.locator(".is-live").wait_for()
    assert page.locator("#newest", has_text="2026-2").count() == 0
    run_apart(monitor.worker.feed([], "2026-11-03T09:00:07"))
    row = page.locator("#newest tr", has_text="2026-2")
    row.locator(".just-changed").wait_for()
    expect(page.locator("#stream")).to_contain_text("2026-11-03 09:00:07")
    expect(page.locator("#overdue-now .tile-value")).to_contain_text("3")
    expect(row.locator(".just-changed")).to_have_count(0, timeout=10_000)
    page.close()


@pytest.fixture
def looker(postgres: EmbeddedPostgres, template: str) -> Iterator[tuple[str, Session]]:
    """A monitor whose streams end after a second, and who looks at it until they sign out."""
    with fresh_database(postgres, template) as dsn:
        law, session = Settings(dsn=dsn).law(), Session()
        run_apart(play(dsn, law))
        app = application(dsn, law, identify=session.identify)
        app.dependency_overrides[lasting] = lambda: 1.0
        with serving(app) as address:
            yield address, session


def test_a_stream_that_ends_as_planned_is_not_lost_and_one_that_is_refused_is(
    browser: Browser, looker: tuple[str, Session]
) -> None:
    address, session = looker
    page, _ = opened(browser, f"{address}/monitor", 1280)
    page.locator(".is-live").wait_for()
    page.evaluate("""() => {
        window.seen = [];
        const strip = document.querySelector("[data-stream]");
        new MutationObserver(() => window.seen.push(strip.className)).observe(
            strip, {attributes: true});
    }""")
    page.wait_for_timeout(5000)
    assert page.evaluate("window.seen.filter(one => one.includes('is-lost'))") == []
    session.actor = None
    page.locator(".is-lost").wait_for(timeout=10_000)
    page.close()
