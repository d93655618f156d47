"""The organisation says where a post stands: its office, its region, and until when."""

from typing import Any

import httpx
import pytest

from libs.common.directory.handler import Listener
from libs.common.directory.places import PERIOD, HeardPlaces
from libs.common.events import Event
from tests.service.consuming import consume
from tests.service.identity.organised import (
    CITY,
    DISTRICT,
    PAST,
    TO_COME,
    body,
    ended,
    post,
)
from tests.service.identity.site import CLERK, SUPERVISOR, Site, sign_in

FINDINGS = "/api/monitor/v1/findings"
WHOAMI = "/api/approval/v1/whoami"


class City:
    """The platform and what its organisation tells."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def tell(self, *events: Event) -> None:
        """Tell, and let the time pass after which it is known to every process."""
        await consume(self.site.dsn, "identity", Listener(HeardPlaces), events)
        self.site.clock.ahead += PERIOD

    async def signed_in(self, login: str) -> httpx.AsyncClient:
        browser = self.site.browser(accept="application/json")
        await sign_in(browser, login)
        return browser


@pytest.fixture
async def city(site: Site) -> City:
    """Two bodies, and the accounts `li` of a clerk and `wang` of a supervisor."""
    await site.add("wang", SUPERVISOR)
    made = City(site)
    await made.tell(body(CITY, "990100000000"), body(DISTRICT, "990102000000"))
    return made


async def asked(browser: httpx.AsyncClient, path: str) -> tuple[int, Any]:
    answer = await browser.get(path)
    return answer.status_code, answer.json()


async def test_a_post_that_the_organisation_does_not_know_stands_where_the_issuer_says(
    city: City,
) -> None:
    browser = await city.signed_in("wang")
    assert await asked(browser, FINDINGS) == (200, {"prefix": "9901", "office": None})


async def test_a_post_of_the_organisation_has_the_scope_of_its_body(city: City) -> None:
    await city.tell(post(SUPERVISOR.post, DISTRICT))
    browser = await city.signed_in("wang")
    assert await asked(browser, FINDINGS) == (200, {"prefix": "990102", "office": None})


async def test_a_clerk_acts_for_the_body_of_the_post(city: City) -> None:
    await city.tell(post(CLERK.post, DISTRICT))
    _, who = await asked(await city.signed_in("li"), WHOAMI)
    assert who["office"] == DISTRICT


async def test_a_post_that_moves_has_the_new_scope_in_the_sessions_that_it_has(city: City) -> None:
    await city.tell(post(SUPERVISOR.post, CITY))
    browser = await city.signed_in("wang")
    await city.tell(post(SUPERVISOR.post, DISTRICT, 2))
    assert await asked(browser, FINDINGS) == (200, {"prefix": "990102", "office": None})


async def test_a_body_that_is_moved_to_another_region_takes_its_posts_along(city: City) -> None:
    await city.tell(post(SUPERVISOR.post, CITY))
    browser = await city.signed_in("wang")
    await city.tell(body(CITY, "990103000000", 2))
    assert await asked(browser, FINDINGS) == (200, {"prefix": "990103", "office": None})


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda: post(SUPERVISOR.post, CITY, 2, last_day=PAST), id="post-ended"),
        pytest.param(lambda: post(SUPERVISOR.post, CITY, 2, first_day=TO_COME), id="post-to-come"),
        pytest.param(lambda: body(CITY, "990100000000", 2, last_day=PAST), id="body-ended"),
        pytest.param(lambda: post(SUPERVISOR.post, "unheard-of", 2), id="body-unknown"),
    ],
)
async def test_a_post_that_does_not_stand_is_refused_at_once(city: City, change: Any) -> None:
    await city.tell(post(SUPERVISOR.post, CITY))
    browser = await city.signed_in("wang")
    await city.tell(change())
    status, problem = await asked(browser, FINDINGS)
    assert (status, problem["code"]) == (403, "post_ended")


async def test_a_post_that_has_ended_can_not_sign_in(city: City) -> None:
    await city.tell(ended(SUPERVISOR.post, CITY))
    browser = city.site.browser()
    answer = await sign_in(browser, "wang")
    assert (answer.status_code, "不在任" in answer.text) == (403, True)
    assert await city.site.fetch("SELECT 1 FROM session") == []


async def test_what_comes_again_changes_nothing(city: City) -> None:
    first = post(SUPERVISOR.post, CITY)
    await city.tell(first, post(SUPERVISOR.post, DISTRICT, 2))
    await city.tell(first)
    browser = await city.signed_in("wang")
    assert await asked(browser, FINDINGS) == (200, {"prefix": "990102", "office": None})


async def test_of_several_changes_in_one_batch_the_last_holds(city: City) -> None:
    changes = [post(SUPERVISOR.post, at, n) for n, at in enumerate((CITY, DISTRICT, CITY), 1)]
    await city.tell(*changes)
    browser = await city.signed_in("wang")
    assert await asked(browser, FINDINGS) == (200, {"prefix": "9901", "office": None})
