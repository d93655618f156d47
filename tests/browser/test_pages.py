"""Every page of a running demonstration in a real browser: reachable, readable, not too wide.

One test goes through them all, so that one demonstration is enough; each page is told by itself.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.catalogue import NO_PAGES, PAGES, served_routes
from tests.browser.tour import Look, Tour

pytestmark = pytest.mark.browser
JUDGED = (Look("zh", 1280), Look("en", 375))
"""What axe looks at: its rules depend on language and width only by what is shown."""
PRINTED = ("receipt", "finding", "why", "progress")
SHEET = Look("zh", 658)
"""A4 without its margins, 174 mm, in CSS pixels."""
MEASURED = (Look("zh", 375, large=True),)


@pytest.fixture(scope="module")
def tour(demo: str) -> Tour:
    return Tour.of(demo)


def test_every_address_is_listed_as_a_page_or_as_none() -> None:
    assert served_routes() == {sight.route for sight in PAGES} | NO_PAGES


def test_every_page_has_no_axe_violation_fits_and_complains_of_nothing(
    browser: Browser, tour: Tour, subtests: pytest.Subtests
) -> None:
    for look in (*JUDGED, *MEASURED):
        with tour.visitor(browser, look) as visitor:
            for sight in PAGES:
                with subtests.test(page=sight.name, look=str(look)):
                    visitor.open(sight)
                    assert visitor.faults(axe=look in JUDGED) == []


def test_public_pages_say_the_same_without_javascript(
    browser: Browser, tour: Tour, subtests: pytest.Subtests
) -> None:
    look = Look("zh", 1280)
    with (
        tour.visitor(browser, look) as whole,
        tour.visitor(browser, look, script=False) as plain,
    ):
        for sight in (one for one in PAGES if one.public):
            with subtests.test(page=sight.name):
                whole.open(sight)
                plain.open(sight)
                assert plain.status == 200
                told, expected = (each.page.inner_text("main") for each in (plain, whole))
                assert len(told) >= 0.95 * len(expected)


def test_on_paper_a_page_is_without_navigation_and_as_wide_as_the_sheet(
    browser: Browser, tour: Tour, subtests: pytest.Subtests
) -> None:
    with tour.visitor(browser, SHEET) as visitor:
        for sight in (one for one in PAGES if one.name in PRINTED):
            with subtests.test(page=sight.name):
                visitor.open(sight)
                visitor.page.emulate_media(media="print")
                shown = visitor.page.locator("nav, .demo-bar, .site-settings, button, .btn")
                assert [one for one in shown.all() if one.is_visible()] == []
                assert visitor.page.locator("h1").is_visible()
                assert visitor.faults(axe=False) == []
                assert visitor.page.pdf(format="A4").startswith(b"%PDF")
