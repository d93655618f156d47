"""Which overdue matters the public counts of an office hold, and which still wait for its answer.

A matter is counted once its office has answered or its time to answer has passed, or when no
answer is asked any more; until then it stands beside the counts as waiting.
"""

import csv
import io
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest

from libs.common.events import Event
from tests.service.city import START, move_by
from tests.service.disclosure.conftest import Stream
from tests.unit.disclosure.events import (
    AT,
    answered,
    assigned,
    decided,
    detected,
    ended,
    follow_up,
    received,
)

FAR = datetime(2030, 1, 1, tzinfo=UTC)
NS = "{http://www.w3.org/2005/Atom}"
DAY = timedelta(days=1)


async def counted(public: httpx.AsyncClient) -> tuple[int, int, int]:
    """Overdue now, passed in this month, waiting: of the one office."""
    (count,) = (await public.get("/api/disclosure/v1/overdue")).json()["items"]
    return count["standing"], count["occurred"], count["waiting"]


async def months(public: httpx.AsyncClient) -> dict[str, tuple[str, str, str]]:
    """Month → occurred, standing, waiting, as the open data have them."""
    text = (await public.get("/open-data/overdue.csv")).text
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return {row["month"]: (row["occurred"], row["standing"], row["waiting"]) for row in rows}


async def entry(public: httpx.AsyncClient) -> Element:
    """The one entry of the Atom feed of counts."""
    root = fromstring((await public.get("/feeds/overdue.atom")).content)  # noqa: S314
    found = root.find(f"{NS}entry")
    assert found is not None
    return found


async def updated(public: httpx.AsyncClient) -> datetime:
    """When that entry last changed."""
    return datetime.fromisoformat((await entry(public)).findtext(f"{NS}updated") or "")


@pytest.mark.parametrize("told", [[], [assigned(answer_by=FAR)]], ids=["not asked", "asked"])
async def test_an_overrun_that_nobody_has_answered_for_waits_and_is_not_counted(
    stream: Stream, public: httpx.AsyncClient, told: list[Event]
) -> None:
    await stream.send(detected(), *told)
    assert await counted(public) == (0, 0, 1)


async def test_the_answer_raises_the_count_by_one_and_nothing_waits_any_more(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected("f-1"), answered(2), detected("f-2", about="case/C-2"))
    assert await counted(public) == (1, 1, 1)
    await stream.send(answered(2, finding="f-2"))
    assert await counted(public) == (2, 2, 0)


async def test_a_limit_that_stands_unanswered_waits_though_another_of_the_case_is_counted_as_done(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    done = detected("f-1", about="case/C-1", over=3, unit="working_day")
    await stream.send(done, answered(2), detected("f-2", about="case/C-1"))
    assert await counted(public) == (0, 1, 1)
    await stream.send(answered(2, finding="f-2"))
    assert await counted(public) == (1, 1, 0)


async def test_a_time_to_answer_that_has_passed_counts_the_matter_without_an_answer(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(), assigned(answer_by=AT + DAY))
    assert await counted(public) == (0, 0, 1)
    await move_by(stream.dsn, 2)
    assert await counted(public) == (1, 1, 0)


async def test_a_matter_waived_is_asked_no_more_and_counts(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    waived = follow_up("waived", 3, reason="outage")
    await stream.send(detected(), assigned(answer_by=FAR), waived)
    assert await counted(public) == (1, 1, 0)


async def test_a_matter_done_late_leaves_overdue_now_and_stays_in_its_month(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(), answered(2))
    await stream.send(detected(sequence=3, over=3, unit="working_day"))
    assert await counted(public) == (0, 1, 0)


async def test_a_matter_done_late_that_nobody_answered_for_waits_in_its_month(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(), detected(sequence=2, over=3, unit="working_day"))
    assert await counted(public) == (0, 0, 1)


async def test_an_overrun_counts_until_it_is_closed_and_stays_in_its_month(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected("f-1"), answered(2), ended("closed", "f-1", 3))
    await stream.send(detected("f-2", about="case/C-2"), answered(2, finding="f-2"))
    assert await counted(public) == (1, 2, 0)


async def test_a_case_past_two_limits_is_one_matter_waiting(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected("f-1"), detected("f-2", rule="APV-023"))
    assert await counted(public) == (0, 0, 1)


@pytest.mark.parametrize("findings", [["f-1"], ["f-2"], ["f-1", "f-2"]], ids="-".join)
async def test_a_case_past_two_limits_is_one_matter_counted_by_either_answer(
    stream: Stream, public: httpx.AsyncClient, findings: list[str]
) -> None:
    await stream.send(detected("f-1"), detected("f-2", rule="APV-023"))
    await stream.send(*(answered(2, finding=finding) for finding in findings))
    assert await counted(public) == (1, 1, 0)


async def test_a_matter_stands_while_any_counted_limit_of_it_stands(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected("f-1"), answered(2), detected("f-2", rule="APV-023"))
    await stream.send(answered(2, finding="f-2"), detected("f-2", 3, rule="APV-023", over=1))
    assert await counted(public) == (1, 1, 0)


@pytest.mark.parametrize("told", [[], [answered(2)]], ids=["waiting", "counted"])
async def test_a_rescinded_overrun_counts_nowhere(
    stream: Stream, public: httpx.AsyncClient, told: list[Event]
) -> None:
    await stream.send(detected(), *told, ended("rescinded", sequence=2 + len(told)))
    assert await counted(public) == (0, 0, 0)


async def test_a_rescinded_overrun_that_comes_to_stand_again_waits_for_a_new_answer(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(), answered(2), ended("rescinded", sequence=3))
    await stream.send(detected(sequence=4, stage="yellow", severity="yellow"))
    assert await counted(public) == (0, 0, 1)


async def test_a_finding_that_is_no_longer_public_stops_counting(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(), answered(2))
    await stream.send(detected(sequence=3, public=False))
    assert await counted(public) == (0, 0, 0)


async def test_an_overrun_of_another_month_stands_but_is_not_new(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(occurred_at="2026-02-20T16:00:00Z"), answered(2))
    assert await counted(public) == (1, 0, 0)


async def test_an_overrun_of_another_month_waits_as_long_as_it_stands(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    february = "2026-02-20T16:00:00Z"
    done = detected("f-2", about="case/C-2", occurred_at=february, over=1)
    await stream.send(detected(occurred_at=february), done)
    assert await counted(public) == (0, 0, 1)


async def test_an_answer_to_a_limit_of_last_month_does_not_hide_that_of_this_one(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(occurred_at="2026-02-20T16:00:00Z", over=1), answered(2))
    await stream.send(detected("f-2", rule="APV-023"))
    assert await counted(public) == (0, 0, 1)


async def test_by_month_each_month_says_what_of_it_is_counted_and_what_waits(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    february = "2026-02-20T16:00:00Z"
    await stream.send(
        detected("f-1"), answered(2), detected("f-2", about="case/C-2", occurred_at=february)
    )
    await stream.send(
        detected("f-3", about="case/C-3", occurred_at=february), answered(2, finding="f-3")
    )
    assert await months(public) == {"2026-02-01": ("1", "1", "1"), "2026-03-01": ("1", "1", "0")}


async def test_the_column_of_the_waiting_comes_after_those_that_were_there(
    public: httpx.AsyncClient,
) -> None:
    text = (await public.get("/open-data/overdue.csv")).text
    assert text.splitlines()[0] == (
        "matter,region,office,month,occurred,standing,handled,changed_at,office_name,waiting"
    )


async def test_a_feed_moves_when_the_office_answers(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected())
    assert await updated(public) == AT
    await move_by(stream.dsn, 2)
    await stream.send(answered(2, attributes={"recordedtime": AT + DAY}))
    assert await updated(public) == AT + DAY


async def test_a_feed_moves_when_the_time_to_answer_passes(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(), assigned(answer_by=AT + DAY))
    assert await updated(public) == AT
    await move_by(stream.dsn, 2)
    assert await updated(public) == AT + DAY


async def test_a_feed_moves_when_no_answer_is_asked_any_more(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    later = {"recordedtime": AT + DAY}
    await stream.send(detected(), follow_up("waived", 2, reason="outage", attributes=later))
    assert await updated(public) == AT + DAY


async def test_a_feed_says_that_the_waiting_are_not_verified(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected())
    assert "另有 1 件待答复,未经核实" in ((await entry(public)).findtext(f"{NS}content") or "")


async def test_the_home_page_names_an_office_of_which_matters_only_wait(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected())
    text = (await public.get("/")).text
    assert "没有超期事项" not in text
    assert '<td class="num">1</td>' in text


@pytest.mark.parametrize(
    ("address", "words"),
    [("/", "另有 1 件待答复"), ("/?lang=en", "1 more awaiting the office's answer")],
)
async def test_the_first_numbers_say_how_many_wait_beside_them(
    stream: Stream, public: httpx.AsyncClient, address: str, words: str
) -> None:
    await stream.send(detected())
    assert words in (await public.get(address)).text.replace("&#39;", "'")


async def test_who_waits_is_late_in_the_share_on_time_all_the_same(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(received(), decided(), received("case/C-2"), decided("case/C-2"))
    await stream.send(detected(over=2))
    assert "50.0 %" in (await public.get("/")).text


def test_the_city_begins_when_the_events_are_told() -> None:
    """Gates of these tests open at AT: were the city's clock behind it, none would."""
    assert START >= AT
