"""Notices of a trading centre: prose periods, prose prices, days."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.recording.replaying import (
    assert_sums,
    codes,
    events,
    recording,
    short,
    write_lines,
)


def candidates(**fields: Any) -> dict[str, Any]:
    """A notice of candidates."""
    return {
        "infoid": "c-1",
        "project_name": "南岗路北延新建工程",
        "publicity_period": "2025年06月13日 18时00分至2025年06月16日 18时00分",
        "bidders_and_prices": [{"bidder": "甲公司", "price": "1799255.53"}],
        **fields,
    }


def award(**fields: Any) -> dict[str, Any]:
    """A notice of an award."""
    return {
        "infoid": "a-1",
        "标段(包)名称": "南岗路北延新建工程",
        "标段(包)编号": "YCA010272-202501-01",
        "中标价(元)": "1799255.53",
        "公告发布日期": "2025-06-16",
        **fields,
    }


def test_period_is_read_in_the_city_and_prices_in_fen(tmp_path: Path) -> None:
    (made,) = events(recording("yichang", write_lines(tmp_path / "a.jsonl", candidates())))
    assert short(made) == "award.candidates-publicised"
    assert made["topic"] == "trading"
    assert made["time"] == "2025-06-13T10:00:00Z"
    assert made["data"] == {
        "publicity_from": "2025-06-13T10:00:00+00:00",
        "publicity_until": "2025-06-16T10:00:00+00:00",
        "candidates": [{"rank_no": 1, "price": 179925553}],
    }


def test_award_joins_its_candidates_by_the_name_of_the_lot(tmp_path: Path) -> None:
    files = (
        write_lines(tmp_path / "a.jsonl.gz", award()),
        write_lines(tmp_path / "b.jsonl.gz", candidates()),
    )
    first, second = events(recording("yichang", *files))
    assert first["subject"] == second["subject"] == "南岗路北延新建工程"
    assert [short(first), short(second)] == ["award.candidates-publicised", "award.decided"]
    assert [first["sequence"][-1], second["sequence"][-1]] == ["1", "2"]
    assert second["data"] == {"lot": "YCA010272-202501-01", "award_price": 179925553}


def test_award_on_the_day_publicity_ends_is_on_that_day_and_not_before_the_end(
    tmp_path: Path,
) -> None:
    (made,) = events(recording("yichang", write_lines(tmp_path / "a.jsonl", award())))
    assert "2025-06-16T10:00:00Z" < made["time"] < "2025-06-16T16:00:00Z"


@pytest.mark.parametrize(
    "price", ["下浮率20.50%", "98.55", "0.95", "179.9万元", "1.234", "-5000", "1e9", "", "未提供"]
)
def test_prices_that_are_not_plain_yuan_are_left_out(tmp_path: Path, price: str) -> None:
    notice = candidates(bidders_and_prices=[{"bidder": "甲", "price": price}])
    made = recording("yichang", write_lines(tmp_path / "a.jsonl", notice))
    (event,) = events(made)
    assert event["data"]["candidates"] == [{"rank_no": 1}]
    assert made.counts.accepted == 1
    assert made.marks["price"] == (1 if price else 0)


def test_minutes_of_the_evaluation_are_no_bidder(tmp_path: Path) -> None:
    bidders = [{"bidder": "[评审记录略]", "price": "未提供"}, {"bidder": "甲", "price": "2000"}]
    made = recording(
        "yichang", write_lines(tmp_path / "a.jsonl", candidates(bidders_and_prices=bidders))
    )
    (event,) = events(made)
    assert event["data"]["candidates"] == [{"rank_no": 1, "price": 200_000}]


@pytest.mark.parametrize(
    "period",
    [
        "三日",
        "2025年06月13日至2025年06月16日",
        "2025年02月30日 18时00分至2025年06月16日 18时00分",
        "2025年06月16日 18时00分至2025年06月13日 18时00分",
        "2025年06月13日 25时00分至2025年06月16日 18时00分",
    ],
)
def test_period_that_cannot_be_read_rejects_the_notice(tmp_path: Path, period: str) -> None:
    notice = candidates(publicity_period=period)
    made = recording("yichang", write_lines(tmp_path / "a.jsonl", notice))
    assert events(made) == []
    (reject,) = made.rejects
    assert (reject.code, reject.field, reject.position) == ("time", "publicity_period", "line 1")


def test_publicity_dated_centuries_off_is_implausible(tmp_path: Path) -> None:
    period = "2099年06月13日 18时00分至2099年06月16日 18时00分"
    made = recording(
        "yichang", write_lines(tmp_path / "a.jsonl", candidates(publicity_period=period))
    )
    assert events(made) == []
    assert codes(made) == ["implausible"]


def test_same_notice_again_is_a_duplicate(tmp_path: Path) -> None:
    made = recording("yichang", write_lines(tmp_path / "a.jsonl", award(), award()))
    assert len(events(made)) == 1
    assert made.counts.duplicates == 1
    assert_sums(made)


@pytest.mark.parametrize("other", [{"公告发布日期": "2025-06-17"}, {"标段(包)名称": "别的工程"}])
def test_same_id_with_other_content_is_a_conflict(tmp_path: Path, other: dict[str, str]) -> None:
    made = recording("yichang", write_lines(tmp_path / "a.jsonl", award(), award(**other)))
    (event,) = events(made)
    assert event["subject"] == "南岗路北延新建工程"
    (reject,) = made.rejects
    assert (reject.code, reject.field, reject.position) == ("conflict", "id", "line 2")
    assert_sums(made)


def test_notice_of_neither_kind_is_rejected(tmp_path: Path) -> None:
    made = recording("yichang", write_lines(tmp_path / "a.jsonl", {"infoid": "x", "title": "y"}))
    assert events(made) == []
    assert codes(made) == ["kind"]


def test_region_given_stands_in_the_envelope(tmp_path: Path) -> None:
    made = recording("yichang", write_lines(tmp_path / "a.jsonl", award()), region="420500")
    assert [event["region"] for event in events(made)] == ["420500"]
