"""Commands on a tender that the law forbids are refused with the article."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.service.city import move_to
from tests.service.resource_trading.conftest import PUBLICITY, WORKS, Hall
from tests.service.resource_trading.test_tender_life import OPENING, to_notice

BEFORE_OPENING = datetime(2026, 3, 23, 1, 59, tzinfo=UTC)


def law_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("law", "")


@pytest.mark.parametrize(
    ("deadline", "status"),
    [("2026-03-22T10:00:00+08:00", 201), ("2026-03-21T23:59:59+08:00", 422)],
)
async def test_a_compulsory_tender_leaves_twenty_days_to_bid(
    hall: Hall, deadline: str, status: int
) -> None:
    answer = await hall.tried(bid_deadline=deadline)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["law"] == "招标投标法 24"
        assert answer.json()["errors"][0]["message"].startswith("TDR-001 ")


async def test_a_voluntary_tender_may_be_shorter(hall: Hall) -> None:
    answer = await hall.tried(mandatory=False, bid_deadline="2026-03-12T10:00:00+08:00")
    assert answer.status_code == 201


async def test_documents_are_on_sale_for_five_days(hall: Hall) -> None:
    answer = await hall.tried(documents_until="2026-03-06T17:00:00+08:00")
    assert law_of(answer) == (422, "招标投标法实施条例 16(1)")


@pytest.mark.parametrize(("bond", "status"), [(2_000_00, 201), (2_000_01, 422)])
async def test_a_bid_bond_is_at_most_two_percent(hall: Hall, bond: int, status: int) -> None:
    answer = await hall.tried(estimated_price=100_000_00, bid_bond=bond)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("day", "body", "status"),
    [
        (8, {"affects_preparation": True}, 200),
        (9, {"affects_preparation": True}, 422),
        (9, {"affects_preparation": False}, 200),
        (9, {"affects_preparation": True, "bid_deadline": "2026-03-24T10:00:00+08:00"}, 200),
    ],
)
async def test_a_change_that_affects_bids_comes_fifteen_days_before_the_deadline(
    hall: Hall, dsn: str, day: int, body: dict[str, Any], status: int
) -> None:
    ref = await hall.publish()
    await move_to(dsn, datetime(2026, 3, day, 2, tzinfo=UTC))
    answer = await hall.do(ref, "clarify", **body)
    assert answer.status_code == status


async def test_a_deadline_cannot_be_moved_inside_the_twenty_days(hall: Hall) -> None:
    ref = await hall.publish()
    early = "2026-03-20T10:00:00+08:00"
    answer = await hall.do(ref, "clarify", affects_preparation=False, bid_deadline=early)
    assert law_of(answer) == (422, "招标投标法 24")


async def test_bids_are_not_opened_before_the_deadline(hall: Hall, dsn: str) -> None:
    ref = await hall.publish()
    await move_to(dsn, BEFORE_OPENING)
    assert law_of(await hall.do(ref, "open", bids=5)) == (422, "招标投标法 34")


async def test_an_open_objection_holds_the_opening(hall: Hall, dsn: str) -> None:
    ref = await hall.publish()
    await hall.done(ref, "file-objection", objection_no="O-1", against="documents")
    await move_to(dsn, OPENING)
    held = await hall.do(ref, "open", bids=5)
    await hall.done(ref, "answer-objection", objection_no="O-1")
    opened = await hall.do(ref, "open", bids=5)
    assert law_of(held) == (422, "招标投标法实施条例 22, 44, 54(2)")
    assert opened.status_code == 200


async def opened(hall: Hall, dsn: str) -> str:
    ref = await hall.publish()
    await move_to(dsn, OPENING)
    await hall.done(ref, "open", bids=5)
    await hall.done(ref, "evaluate")
    return ref


@pytest.mark.parametrize(
    ("until", "status"),
    [("2026-03-27T17:30:00+08:00", 200), ("2026-03-26T23:59:00+08:00", 422)],
)
async def test_candidates_are_publicised_for_three_days(
    hall: Hall, dsn: str, until: str, status: int
) -> None:
    ref = await opened(hall, dsn)
    answer = await hall.do(ref, "publicise-candidates", **PUBLICITY | {"publicity_until": until})
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["law"] == "招标投标法实施条例 54(1)"


async def test_a_compulsory_award_is_not_decided_without_publicity(hall: Hall, dsn: str) -> None:
    ref = await opened(hall, dsn)
    answer = await hall.do(ref, "decide", winner="P-1", award_price=1)
    assert law_of(answer) == (422, "招标投标法实施条例 54(1)")


@pytest.mark.parametrize(
    ("at", "winner", "article"),
    [
        (datetime(2026, 3, 27, 9, 29, tzinfo=UTC), "P-1", "招标投标法实施条例 54"),
        (datetime(2026, 3, 27, 9, 31, tzinfo=UTC), "P-9", "招标投标法 40(2)"),
    ],
)
async def test_the_winner_is_a_candidate_and_decided_after_the_publicity(
    hall: Hall, dsn: str, at: datetime, winner: str, article: str
) -> None:
    ref = await opened(hall, dsn)
    await hall.done(ref, "publicise-candidates", **PUBLICITY)
    await move_to(dsn, at)
    answer = await hall.do(ref, "decide", winner=winner, award_price=1)
    assert law_of(answer) == (422, article)


async def test_an_objection_to_the_candidates_holds_the_award(hall: Hall, dsn: str) -> None:
    ref = await opened(hall, dsn)
    await hall.done(ref, "publicise-candidates", **PUBLICITY)
    await hall.done(ref, "file-objection", objection_no="O-2", against="candidates")
    await move_to(dsn, datetime(2026, 3, 28, 2, tzinfo=UTC))
    answer = await hall.do(ref, "decide", winner="P-1", award_price=1)
    assert law_of(answer) == (422, "招标投标法实施条例 22, 44, 54(2)")


@pytest.mark.parametrize(("bond", "status"), [(1_000_00, 200), (1_000_01, 422)])
async def test_a_performance_bond_is_at_most_ten_percent(
    hall: Hall, dsn: str, bond: int, status: int
) -> None:
    ref = await hall.publish()
    await to_notice(hall, dsn, ref)
    body = {"contract_price": 10_000_00, "performance_bond": bond}
    answer = await hall.do(ref, "sign-contract", **body)
    assert answer.status_code == status


async def test_a_tender_is_not_announced_for_the_past(hall: Hall) -> None:
    answer = await hall.tried(documents_from="2026-03-01T09:00:00+08:00")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/documents_from"


async def test_the_twenty_days_do_not_depend_on_the_hour_of_issue(hall: Hall) -> None:
    assert WORKS["documents_from"].startswith("2026-03-02")
    late = "2026-03-02T23:00:00+08:00"
    answer = await hall.tried(documents_from=late, bid_deadline="2026-03-22T00:30:00+08:00")
    assert answer.status_code == 201
