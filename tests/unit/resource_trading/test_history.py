"""What is told of a tender becomes a tender here, once, whatever law it broke."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.resource_trading.history.effects import STANDS, Known
from services.resource_trading.history.folding import ref_of, take
from services.resource_trading.history.told import History, Told
from services.resource_trading.tender.model import Tender

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
START = datetime(2025, 5, 1, 1, tzinfo=UTC)
DEADLINE = START + timedelta(days=3)
PLAN: dict[str, Any] = {
    "tender_no": "T-1",
    "documents_from": START.isoformat(),
    "bid_deadline": DEADLINE.isoformat(),
}
FIRM = "91330100MA2AAAAA0A"


def told(event: str, day: float = 0, record: int = 0, **data: Any) -> Told:
    at = START + timedelta(days=day)
    return Told(f"cn.sunlight.trading.{event}.v1", at, at, data, record)


def unknown() -> Known:
    tender = Tender("T-1", "T-1", None, "990100", "o", None, None, "", 0, None, None, None)
    return Known(tender)


def taken(
    known: Known, *events: Told, now: datetime = NOW, declared: bool | None = None
) -> list[str]:
    """What taking the events adds."""
    before = len(known.added)
    take(known, History("T-1", None, events), now, declared)
    return [payload.event_type.split("trading.")[1][:-3] for payload, _ in known.added[before:]]


def test_what_the_law_forbids_is_taken_as_it_was() -> None:
    known = unknown()
    # Three days to bid of twenty (招标投标法 24), and no publicity before the award (实施条例 54).
    added = taken(
        known,
        told("tender.published", **PLAN),
        told("award.decided", 4, winner=FIRM, award_price=1),
        told("award.contract-signed", 90, contract_price=9),
    )
    assert added == ["tender.published", "award.decided", "award.contract-signed"]
    assert (known.tender.state, known.tender.version, known.faults) == ("contracted", 3, [])
    assert known.award is not None
    assert (known.award.winner, known.award.contract_price) == (FIRM, 9)


def test_told_again_nothing_is_new() -> None:
    known = unknown()
    events = [told("tender.published", **PLAN), told("award.decided", 4, award_price=1)]
    taken(known, *events)
    assert taken(known, *events) == []
    assert known.tender.version == 2


def test_another_deadline_is_a_change_and_told_as_one() -> None:
    known = unknown()
    taken(known, told("tender.published", **PLAN))
    later = (DEADLINE + timedelta(days=20)).isoformat()
    assert taken(known, told("tender.published", 2, **{**PLAN, "bid_deadline": later})) == [
        "tender.clarified"
    ]
    assert known.tender.bid_deadline == DEADLINE + timedelta(days=20)
    assert taken(known, told("tender.published", **PLAN)) == []


def test_a_plan_that_is_declared_anew_keeps_its_time_and_the_deadline_that_holds() -> None:
    known = unknown()
    later = DEADLINE + timedelta(days=20)
    moved = told("tender.clarified", 2, bid_deadline=later.isoformat())
    taken(known, told("tender.published", **PLAN), moved)
    assert taken(known, told("tender.published", 9, **PLAN), declared=True) == ["tender.published"]
    _, anew = known.added[-1]
    assert (anew.time, anew.recorded) == (START, START)
    assert (known.tender.mandatory, known.tender.bid_deadline) == (True, later)


def test_a_plan_that_is_declared_anew_tells_a_changed_deadline_too() -> None:
    known = unknown()
    taken(known, told("tender.published", **PLAN))
    later = {**PLAN, "bid_deadline": (DEADLINE + timedelta(days=20)).isoformat()}
    added = taken(known, told("tender.published", 2, **later), declared=False)
    assert added == ["tender.published", "tender.clarified"]


def test_of_records_that_contradict_each_other_none_is_told_for_ever() -> None:
    known = unknown()
    records = [told("tender.published", **PLAN, mandatory=said) for said in (True, False)]
    taken(known, *records)
    assert taken(known, *records) == []
    assert known.tender.mandatory is True


def test_of_imports_that_contradict_each_other_each_is_told_once() -> None:
    known = unknown()
    one, other = (told("tender.published", **PLAN, mandatory=said) for said in (True, False))
    assert [len(taken(known, told_of)) for told_of in (one, other, one, other)] == [1, 1, 0, 0]


def test_a_declaration_that_was_put_right_can_be_put_right_again() -> None:
    known = unknown()
    plan = told("tender.published", **PLAN)
    counts = [len(taken(known, plan, declared=said)) for said in (True, False, True, True)]
    assert counts == [1, 1, 1, 0]
    assert known.tender.mandatory is True


def test_what_one_record_says_goes_before_what_is_declared_of_the_others() -> None:
    known = unknown()
    silent, said = told("tender.published", **PLAN), {**PLAN, "mandatory": False}
    taken(known, silent, told("tender.published", 1, **said), declared=True)
    assert (known.tender.mandatory, known.tender.version) == (False, 1)


def test_what_a_later_record_says_is_told_once() -> None:
    known = unknown()
    silent, said = (told("tender.published", **PLAN, **more) for more in ({}, {"mandatory": True}))
    counts = [len(taken(known, one)) for one in (silent, said, silent, said)]
    assert counts == [1, 1, 0, 0]


def test_an_award_with_another_price_is_told_anew() -> None:
    known = unknown()
    taken(known, told("award.decided", 4, award_no="a", award_price=1))
    assert taken(known, told("award.decided", 4, award_no="a", award_price=2)) == ["award.decided"]
    assert known.award is not None
    assert known.award.award_price == 2


def test_a_new_edition_of_a_record_that_gives_no_time_of_its_own_tells_nothing_new() -> None:
    known = unknown()
    taken(known, told("award.decided", 4, award_no="a", award_price=1))
    assert taken(known, told("award.decided", 60, award_no="a", award_price=1)) == []


def test_another_day_of_the_same_award_is_a_change() -> None:
    known = unknown()
    published = START + timedelta(days=90)
    first, second = (
        told("award.decided", day, award_no="a", award_price=1)._replace(recorded=published)
        for day in (4, 5)
    )
    taken(known, first)
    assert taken(known, second) == ["award.decided"]


def test_what_comes_late_moves_nothing_back() -> None:
    known = unknown()
    taken(known, told("award.contract-signed", 90))
    taken(known, told("tender.published", **PLAN), told("tender.opened", 3))
    assert known.tender.state == "contracted"
    assert [entry[0].split(".")[4] for entry in known.tender.history] == [
        "published",
        "opened",
        "contract-signed",
    ]


def test_nothing_of_a_bid_is_taken_before_the_opening() -> None:
    known = unknown()
    bid = told("bid.recorded", 1, record=7, bid_no="B-1", bidder=FIRM)
    added = taken(known, told("tender.published", **PLAN), bid, now=DEADLINE - timedelta(seconds=1))
    assert (added, known.bids) == (["tender.published"], {})
    assert [(fault.record, fault.code) for fault in known.faults] == [(7, "sealed")]
    assert taken(known, bid, now=DEADLINE) == ["bid.recorded"]


def test_a_bid_that_changed_is_corrected_and_its_evaluation_told() -> None:
    known = unknown()
    bid: dict[str, Any] = {"bid_no": "B-1", "bidder": FIRM}
    taken(known, told("tender.published", **PLAN), told("bid.recorded", 4, **bid, amount=1))
    assert taken(known, told("bid.recorded", 4, **bid, amount=2)) == ["bid.corrected"]
    assert taken(known, told("bid.evaluated", 5, bid_no="B-1", result="valid")) == ["bid.evaluated"]
    assert taken(known, told("bid.evaluated", 5, bid_no="B-1", result="valid")) == []
    assert (known.bids["B-1"].amount, known.bids["B-1"].result) == (2, "valid")
    assert all(".bid." not in entry[0] for entry in known.tender.history)


@pytest.mark.parametrize("winner", ["张三", "11010519491231002X", "甲公司 (联合体)"])
def test_a_name_or_a_citizens_number_is_no_party(winner: str) -> None:
    known = unknown()
    taken(known, told("award.decided", 4, winner=winner, award_price=1))
    assert known.award is not None
    assert known.award.winner is None
    assert known.left_out == ["winner"]
    assert winner not in str(known.tender.history)


def test_a_bid_of_a_person_is_not_taken() -> None:
    known = unknown()
    bid = told("bid.recorded", 4, bid_no="B-1", bidder="11010519491231002X")
    taken(known, told("tender.published", **PLAN), bid)
    assert [(fault.code, fault.field) for fault in known.faults] == [("contract", "bidder")]


def test_a_kind_that_nobody_knows_is_left_out() -> None:
    known = unknown()
    taken(known, told("tender.published", **PLAN, kind="magic"))
    assert (known.tender.kind, known.left_out) == (None, ["kind"])


def test_what_has_not_come_yet_is_a_fault() -> None:
    known = unknown()
    ahead = told("award.decided", 400, record=3)
    taken(known, told("tender.published", **PLAN), ahead)
    assert [(fault.record, fault.code) for fault in known.faults] == [(3, "future")]


def test_planning_alone_is_no_tender() -> None:
    known = unknown()
    taken(known, told("tender.recorded", record=1, stage="planning"))
    assert (known.tender.state, [fault.code for fault in known.faults]) == ("", ["stage"])


@pytest.mark.parametrize(
    ("number", "lot", "ref"),
    [
        ("ocds-x-1", None, "ocds-x-1"),
        ("ocds-x-1", "L1", "ocds-x-1~L1"),
        ("南岗路北延新建工程", None, None),
        ("a/b", None, None),
    ],
)
def test_a_number_that_fits_is_kept_and_another_is_made(
    number: str, lot: str | None, ref: str | None
) -> None:
    found = ref_of("centre", number, lot)
    assert found == ref if ref else found.startswith("I-")
    assert found == ref_of("centre", number, lot)
    assert number.isascii() or found != ref_of("elsewhere", number, lot)


KINDS = [kind.event_type for kind in STANDS if "bid." not in kind.event_type]
FILLED: dict[str, dict[str, Any]] = {
    "cn.sunlight.trading.tender.published.v1": PLAN,
    "cn.sunlight.trading.tender.objection-filed.v1": {"objection_no": "O", "against": "documents"},
    "cn.sunlight.trading.tender.objection-answered.v1": {"objection_no": "O"},
    "cn.sunlight.trading.award.candidates-publicised.v1": {
        "publicity_from": START.isoformat(),
        "publicity_until": DEADLINE.isoformat(),
    },
}
EVENTS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 5)), min_size=1, max_size=8)


@given(EVENTS, st.sampled_from([None, True, False]), st.data())
def test_whatever_order_the_records_come_in_the_second_time_nothing_is_new(
    drawn: list[tuple[str, int]], declared: bool | None, data: st.DataObject
) -> None:
    made = [
        Told(kind, at, at, FILLED.get(kind, {}), number)
        for number, (kind, day) in enumerate(drawn)
        for at in [START + timedelta(days=day)]
    ]
    known = unknown()
    taken(known, *made, declared=declared)
    version = known.tender.version
    again = data.draw(st.permutations(made))
    assert taken(known, *again, declared=declared) == []
    assert known.tender.version == version == len(known.added)
    times = [entry[1] for entry in known.tender.history]
    assert times == sorted(times)
