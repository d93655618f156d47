"""The home page tells at which stage each tender stands."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx

from libs.common.events import Event
from tests.service.disclosure.conftest import Stream
from tests.unit.disclosure.events import BODY, event, tender

STAGES = ("open", "publicity", "awarded")


def publicised(subject: str, begin: str, end: str, sequence: int = 2) -> Event:
    data: dict[str, Any] = {"publicity_from": begin, "publicity_until": end, "candidates": []}
    return event("trading.award.candidates-publicised", subject, sequence, data)


def awarded(subject: str, sequence: int = 3) -> Event:
    return event("trading.award.decided", subject, sequence, {"winner": BODY, "award_price": 5})


async def shown(public: httpx.AsyncClient) -> dict[str, list[str]]:
    """Stage → numbers of the tenders in its list."""
    text = (await public.get("/")).text
    (panel,) = re.findall(r'<section class="panel" id="tenders">.*?</section>', text, re.DOTALL)
    parts = re.split(r'<h3 id="stage-(\w+)">', panel)[1:]
    return {
        stage: re.findall(r'href="/records/[^"]+">([^<]+)<', part)
        for stage, part in zip(parts[::2], parts[1::2], strict=True)
    }


async def test_a_tender_is_open_until_its_bids_are_due(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    past = {"bid_deadline": "2026-03-01T09:00:00+08:00"}
    await stream.send(tender(), tender(subject="tender/T-2"))
    await stream.send(event("trading.tender.clarified", "tender/T-2", 2, past))
    assert await shown(public) == {"open": ["T-2026-001"], "publicity": [], "awarded": []}


async def test_a_terminated_tender_stands_at_no_stage(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(tender(), event("trading.tender.terminated", "tender/T-2026-001", 2))
    assert await shown(public) == {stage: [] for stage in STAGES}


async def test_candidates_are_in_publicity_for_as_long_as_the_notice_says(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    now = publicised("tender/T-1", "2026-03-01T00:00:00+08:00", "2026-03-05T00:00:00+08:00")
    over = publicised("tender/T-2", "2026-02-01T00:00:00+08:00", "2026-02-05T00:00:00+08:00")
    closed = {"bid_deadline": "2026-02-01T09:00:00+08:00"}
    for subject in ("tender/T-1", "tender/T-2"):
        await stream.send(tender(subject=subject))
        await stream.send(event("trading.tender.clarified", subject, 2, closed))
    await stream.send(now._replace(sequence=3), over._replace(sequence=3))
    assert await shown(public) == {"open": [], "publicity": ["T-1"], "awarded": []}


async def test_an_award_of_this_month_is_listed_and_no_longer_open(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    over = publicised("tender/T-1", "2026-02-01T00:00:00+08:00", "2026-02-05T00:00:00+08:00")
    await stream.send(tender(subject="tender/T-1"), over, awarded("tender/T-1"))
    assert await shown(public) == {"open": [], "publicity": [], "awarded": ["T-1"]}


async def test_an_award_of_last_year_that_is_told_today_is_none_of_this_month(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    """As an import tells the history of another system."""
    last_year = datetime(2025, 6, 30, 1, tzinfo=UTC)
    over = publicised("tender/T-1", "2025-06-01T00:00:00+08:00", "2025-06-05T00:00:00+08:00")
    told = awarded("tender/T-1")._replace(time=last_year, recordedtime=last_year)
    await stream.send(tender(subject="tender/T-1"), over, told)
    assert await shown(public) == {stage: [] for stage in STAGES}


async def test_the_list_is_short_and_its_number_is_of_all(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(*(tender(subject=f"tender/T-{number}") for number in range(7)))
    assert len((await shown(public))["open"]) == 5
    text = (await public.get("/")).text
    assert re.search(r'正在招标</a></p>\s*<p class="tile-value" data-watch>7 ', text)
