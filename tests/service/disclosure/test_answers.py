"""An overdue matter reaches the public with its office's answer, and not before its time."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from libs.common.db.city_clock import city_now
from libs.common.db.engine import Connection
from tests.service.disclosure.conftest import Stream
from tests.unit.disclosure.events import (
    answered,
    assigned,
    decided,
    detected,
    ended,
    follow_up,
    received,
)

FACTS = "/api/disclosure/v1/overdue/facts"
FAR = datetime(2030, 1, 1, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script>'


async def facts(public: httpx.AsyncClient) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await public.get(FACTS)).json()["items"]
    return found


async def test_an_overrun_waits_beside_the_count_and_is_shown_only_after_the_answer(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(), assigned(answer_by=FAR))
    assert await facts(public) == []
    assert "没有可公开的超期事项" in (await public.get("/overdue")).text
    await stream.send(answered())
    (fact,) = await facts(public)
    assert (fact["cause"], fact["statement"]) == ("department", "材料核查用时较长")


async def test_a_fact_without_an_answer_is_shown_once_its_time_has_passed(
    stream: Stream, public: httpx.AsyncClient, owner_connection: Connection
) -> None:
    now = await city_now(owner_connection)
    await stream.send(detected(), assigned(answer_by=now + timedelta(hours=1)))
    assert await facts(public) == []
    passed = now - timedelta(seconds=1)
    await stream.send(detected("f-2"), assigned(finding="f-2", answer_by=passed))
    (fact,) = await facts(public)
    assert (fact["claim"], fact["statement"]) == (None, None)
    assert "说明期满,单位未作说明" in (await public.get("/overdue")).text


async def test_the_answer_stands_beside_its_office_on_the_home_page(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(), assigned(), answered())
    text = (await public.get("/")).text
    assert "原因:单位内部办理" in text
    assert "材料核查用时较长" in text


@pytest.mark.parametrize("address", ["/", "/overdue", "/overdue?office=office-1"])
async def test_what_an_office_writes_is_text_and_never_markup(
    stream: Stream, public: httpx.AsyncClient, address: str
) -> None:
    await stream.send(detected(), assigned(), answered(statement=HOSTILE))
    text = (await public.get(address)).text
    assert "<script" not in text
    assert "&lt;script&gt;" in text


async def test_a_rescinded_finding_takes_its_answer_back(
    stream: Stream, public: httpx.AsyncClient, owner_connection: Connection
) -> None:
    await stream.send(detected(), assigned(), answered())
    await stream.send(ended("rescinded", sequence=4))
    assert await facts(public) == []
    for address in ("/", "/overdue"):
        assert "材料核查用时较长" not in (await public.get(address)).text
    assert await owner_connection.fetchval("SELECT statement FROM overdue") is None


async def test_the_page_says_limit_article_and_how_far_past(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    late = detected(sequence=3, over=3, unit="working_day")
    await stream.send(detected(), answered(2), late)
    text = (await public.get("/overdue")).text
    assert "二十日内作出许可决定" in text
    assert "《行政许可法》第 42(1) 条" in text
    assert "已办结,超过时限 3 个工作日" in text


async def test_no_address_tells_whose_matter_it_is(
    stream: Stream, public: httpx.AsyncClient, owner_connection: Connection
) -> None:
    await stream.send(detected(), assigned(), answered())
    finding, number = "f-1", "C-1"
    for address in ("/", "/overdue", FACTS):
        text = (await public.get(address)).text
        for secret in (finding, number):
            assert not re.search(rf"(?<![\w-]){secret}(?![\w-])", text), (address, secret)
    known = await owner_connection.fetchval("SELECT public_id FROM overdue")
    assert (await facts(public))[0]["public_id"] == str(known)


async def test_the_list_of_facts_goes_on_page_by_page(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    for number in range(5):
        name = f"f-{number}"
        await stream.send(detected(name), answered(2, finding=name))
    address, seen = f"{FACTS}?limit=2", []
    while address:
        answer = await public.get(address)
        seen.append([item["public_id"] for item in answer.json()["items"]])
        address = answer.links.get("next", {}).get("url", "")
    assert [len(page) for page in seen] == [2, 2, 1]
    assert len({item for page in seen for item in page}) == 5


async def test_facts_are_narrowed_to_an_office(stream: Stream, public: httpx.AsyncClient) -> None:
    other = detected("f-2", attributes={"department": "office-2"})
    await stream.send(detected(), answered(2), other, answered(2, finding="f-2"))
    items = (await public.get(f"{FACTS}?office=office-2")).json()["items"]
    assert [item["office"] for item in items] == ["office-2"]


async def test_the_later_steps_are_told_beside_the_fact(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(), assigned(), answered(), follow_up("corrected", 4))
    assert "已整改,待核验" in (await public.get("/overdue")).text


async def test_reprocessing_from_the_start_finds_the_same_answer(
    stream: Stream, owner_connection: Connection
) -> None:
    sent = [detected(), assigned(), answered(), follow_up("corrected", 4)]
    await stream.send(*sent)
    before = await owner_connection.fetch("SELECT * FROM overdue")
    await owner_connection.execute("TRUNCATE subject, consumer_position")
    await stream.send(*sent)
    assert await owner_connection.fetch("SELECT * FROM overdue") == before


async def on_time(public: httpx.AsyncClient) -> str:
    """The first tile of the home page."""
    text = (await public.get("/")).text
    (tile, *_) = re.findall(r'<div class="tile">(.*?)</div>', text, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", " ", tile).split())


async def test_the_share_on_time_is_of_the_cases_decided_this_month(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    cases = [f"case/C-{n}" for n in range(1, 5)]
    await stream.send(*(received(case) for case in cases), *(decided(case) for case in cases))
    await stream.send(detected(about="case/C-1", over=2))
    assert "75.0 % 4 件" in await on_time(public)


@pytest.mark.parametrize("first", ["finding", "decision"])
async def test_the_share_is_the_same_whichever_is_told_first(
    stream: Stream, public: httpx.AsyncClient, first: str
) -> None:
    decision = [received(), decided(), received("case/C-2"), decided("case/C-2")]
    finding = [detected(over=2)]
    for batch in (finding, decision) if first == "finding" else (decision, finding):
        await stream.send(*batch)
    assert "50.0 % 2 件" in await on_time(public)


async def test_two_limits_passed_in_one_case_make_one_late_case(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(received(), decided(), received("case/C-2"), decided("case/C-2"))
    await stream.send(detected(over=2), detected("f-2", over=1))
    assert "50.0 % 2 件" in await on_time(public)


async def test_a_rescinded_overrun_makes_its_case_on_time_again(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(received(), decided(), detected(over=2), ended("rescinded"))
    assert "100.0 % 1 件" in await on_time(public)


async def test_without_a_decision_there_is_no_share(public: httpx.AsyncClient) -> None:
    assert "– 尚无办件" in await on_time(public)
