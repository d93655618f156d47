"""The trading hall's pages in a real browser: no axe violation, no sideways scrolling, leads taken
in from the monitor for those who may read them."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.identity.actor import Actor, loopback_only
from libs.common.law.installed import installed_law
from services.e_monitor.settings import Settings as Monitor
from services.resource_trading.app import create_app
from services.resource_trading.settings import Settings
from sunlight.api import Together
from tests.browser.pages import WIDTHS, opened, served, violations
from tests.databases import fresh_database, run_apart
from tests.service.city import migrated_city
from tests.service.e_monitor.scene import application
from tests.service.resource_trading.conftest import STAFF
from tests.service.resource_trading.looking import in_region
from tests.service.resource_trading.scene import AHEAD, FOREIGN, HELD, LOTS, SHORT, play

pytestmark = pytest.mark.browser
SUPERVISOR = in_region(
    "supervision-1", "tender.read", "lead.read", "finding.read", "clock.read", "supervisor"
)
TENDERS = (LOTS[0], LOTS[2], HELD, SHORT, FOREIGN)
PAGES = ("/trading", *(f"/trading/tenders/{ref}" for ref in TENDERS))
LEADS = "/monitor/leads/tender/T-2026-1/L1"
LOOKS = [*product(("lang=zh", "lang=en"), WIDTHS), ("lang=zh&text=large", 375)]


@dataclass(frozen=True)
class Halls:
    """One hall as its centre sees it, and as a supervisor does, with the monitor beside it."""

    centre: str
    supervisor: str


@pytest.fixture(scope="module")
def halls(postgres: EmbeddedPostgres, template: str) -> Iterator[Halls]:
    law = installed_law("Asia/Shanghai")
    with ExitStack() as stack:
        name = stack.enter_context(migrated_city(postgres, "trading"))
        dsn, monitor = (
            postgres.dsn(database=name),
            stack.enter_context(fresh_database(postgres, template)),
        )
        run_apart(play(dsn, monitor, law))

        def hall(actor: Actor) -> str:
            identify = loopback_only(actor, "127.0.0.1")
            trading = create_app(Settings(dsn=dsn, pool_size=2), law=law, identify=identify)
            watching = application(monitor, Monitor(dsn="unused").law(), identify)
            together: Any = Together({"trading": trading, "monitor": watching})
            return stack.enter_context(served(together))

        yield Halls(hall(STAFF), hall(SUPERVISOR))


def at(address: str, choice: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{choice}"


@pytest.mark.parametrize(("choice", "width"), LOOKS)
@pytest.mark.parametrize("address", PAGES)
def test_page_has_no_axe_violation_and_fits(
    browser: Browser, halls: Halls, address: str, choice: str, width: int
) -> None:
    page, complaints = opened(browser, at(halls.centre + address, choice), width)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    page.close()


@pytest.mark.parametrize(("choice", "width"), LOOKS)
@pytest.mark.parametrize("address", [f"/trading/tenders/{LOTS[0]}", LEADS])
def test_page_with_leads_has_no_axe_violation_and_fits(
    browser: Browser, halls: Halls, address: str, choice: str, width: int
) -> None:
    page, complaints = opened(browser, at(halls.supervisor + address, choice), width)
    page.locator(".lead-block").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    page.close()


@pytest.mark.parametrize(("language", "said"), [("zh", "待核实"), ("en", "to be verified")])
def test_a_supervisor_is_shown_the_leads_on_the_tenders_own_page(
    browser: Browser, halls: Halls, language: str, said: str
) -> None:
    page, _ = opened(browser, f"{halls.supervisor}/trading/tenders/{LOTS[0]}?lang={language}")
    expect(page.locator("#monitoring .lead-block")).to_contain_text(said)
    page.close()


def test_without_script_a_plain_link_leads_to_them(browser: Browser, halls: Halls) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{halls.supervisor}/trading/tenders/{LOTS[0]}?lang=en")
    page.get_by_role("link", name="Leads to be verified").click()
    expect(page.locator(".lead-block")).to_contain_text("2 bids have the same bond account")
    context.close()


def test_the_centre_is_shown_no_leads(browser: Browser, halls: Halls) -> None:
    page, _ = opened(browser, f"{halls.centre}/trading/tenders/{LOTS[0]}?lang=zh")
    assert page.locator("#monitoring").count() == 0
    page.close()


def test_before_the_opening_a_supervisors_page_asks_for_nothing(
    browser: Browser, halls: Halls
) -> None:
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{halls.supervisor}/trading/tenders/{AHEAD}")
    page.wait_for_load_state("networkidle")
    assert [one for one in asked if "/monitor/leads" in one] == []
    page.close()
