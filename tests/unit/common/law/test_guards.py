"""Guards: what is violated, what is disputed, what can't be told."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from libs.common.law.guard import check
from libs.common.law.rule import Guard
from tests.unit.common.law.making import guard, history, law

DEMANDS = [
    ({"fact": "bond", "at_most_percent": 2, "of": "price"}, {"bond": 2, "price": 100}, "clear"),
    ({"fact": "bond", "at_most_percent": 2, "of": "price"}, {"bond": 3, "price": 100}, "violated"),
    ({"fact": "bond", "at_most_percent": 2, "of": "price"}, {"bond": 3}, "undetermined"),
    ({"fact": "paper", "present": True}, {"paper": "P1"}, "clear"),
    ({"fact": "paper", "present": True}, {}, "violated"),
    ({"fact": "paper", "present": False}, {"paper": "P1"}, "violated"),
    ({"fact": "days", "at_most": 10}, {"days": 10}, "clear"),
    ({"fact": "days", "at_most": 10}, {"days": 11}, "violated"),
    ({"fact": "days", "at_most": 10}, {"days": "eleven"}, "undetermined"),
    ({"fact": "days", "at_least": 3}, {"days": 2}, "violated"),
    ({"fact": "days", "at_least": 3}, {}, "undetermined"),
    ({"fact": "kind", "one_of": ["a", "b"]}, {"kind": "c"}, "violated"),
    ({"fact": "sealed", "equals": True}, {"sealed": True}, "clear"),
    ({"fact": "sealed", "equals": True}, {"sealed": False}, "violated"),
]
MORNING, NOON = "2026-03-02T09:00:00+08:00", "2026-03-02T12:00:00+08:00"


def made(**fields: Any) -> Guard:
    """A guard from its fields."""
    found: Guard = TypeAdapter(Guard).validate_python(guard(**fields))
    return found


@pytest.mark.parametrize(("demand", "facts", "expected"), DEMANDS)
def test_a_demand_is_met_violated_or_undetermined(
    demand: dict[str, Any], facts: dict[str, Any], expected: str
) -> None:
    assert check(made(require=[demand]), facts).state == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(MORNING, NOON, "clear"), (NOON, MORNING, "violated"), (MORNING, None, "undetermined")],
)
def test_one_moment_must_come_before_another(one: str, other: str | None, expected: str) -> None:
    demand = {"fact": "first", "before": "second"}

    assert check(made(require=[demand]), {"first": one, "second": other}).state == expected


def test_a_violation_tells_what_was_seen() -> None:
    verdict = check(made(require=[{"fact": "days", "at_most": 10}]), {"days": 11})

    assert verdict.seen == {"days": 11}


def test_what_is_missing_is_named() -> None:
    demand = {"fact": "bond", "at_most_percent": 2, "of": "price"}

    assert check(made(require=[demand]), {"bond": 3}).missing == ("price",)


def test_a_violation_outweighs_a_missing_fact() -> None:
    demands = [{"fact": "days", "at_most": 10}, {"fact": "sealed", "equals": True}]

    assert check(made(require=demands), {"days": 11}).state == "violated"


def supplements(*defective: bool | None) -> list[str]:
    """What the guard on repeated notices finds, for notices with this said of the supplement."""
    licence = {"case_no": "A", "item_type": "行政许可"}
    events = history(
        ("approval.case.received", "2026-03-02", licence),
        *(
            (
                "approval.case.supplement-requested",
                f"2026-03-0{3 + number}",
                {"notice_no": f"N{number}"}
                if said is None
                else {"notice_no": f"N{number}", "supplement_defective": said},
            )
            for number, said in enumerate(defective)
        ),
    )
    checks = law().fold(events).checks
    return [found.verdict for found in checks if found.rule.startswith("APV-004@")]


def test_one_supplement_notice_is_lawful() -> None:
    assert supplements(None) == []


def test_a_second_supplement_notice_is_violated() -> None:
    assert supplements(None, None) == ["violated"]


def test_a_second_notice_for_a_defective_supplement_is_disputed() -> None:
    assert supplements(None, True) == ["disputed"]


def test_what_an_earlier_notice_said_does_not_excuse_a_later_one() -> None:
    assert supplements(None, True, None) == ["disputed", "violated"]


def test_a_notice_is_not_counted_for_what_is_no_licence() -> None:
    events = history(
        ("approval.case.received", "2026-03-02", {"case_no": "A", "item_type": "公共服务"}),
        ("approval.case.supplement-requested", "2026-03-03", {"notice_no": "1"}),
        ("approval.case.supplement-requested", "2026-03-04", {"notice_no": "2"}),
    )

    assert law().fold(events).checks == []


def bond(**data: Any) -> list[str]:
    """What the guard on the bid bond finds at publication."""
    times = {"documents_from": MORNING, "bid_deadline": "2026-04-02T09:00:00+08:00"}
    events = history(("trading.tender.published", "2026-03-02", {**times, **data}))
    checks = law().fold(events).checks
    return [found.verdict for found in checks if found.rule.startswith("TDR-010@")]


def test_a_bid_bond_of_exactly_two_per_cent_is_lawful() -> None:
    assert bond(bid_bond=2_000_00, estimated_price=100_000_00) == []


def test_a_bid_bond_one_fen_over_two_per_cent_is_violated() -> None:
    assert bond(bid_bond=2_000_01, estimated_price=100_000_00) == ["violated"]


def test_a_tender_that_asks_no_bond_has_none_to_bound() -> None:
    assert bond(estimated_price=100_000_00) == []


def test_a_bond_without_an_estimate_is_undetermined() -> None:
    assert bond(bid_bond=2_000_00) == ["undetermined"]


def hold(*events: tuple[str, str, dict[str, Any]]) -> list[str]:
    """What the guard on open objections finds when the bids are opened on 20 March."""
    opened = ("trading.tender.opened", "2026-03-20", {"bids": 3})
    checks = law().fold(history(*events, opened)).checks
    return [found.verdict for found in checks if found.rule.startswith("TDR-008-HOLD@")]


FILED = ("trading.tender.objection-filed", "2026-03-10", {"objection_no": "1"})


def test_no_opening_while_an_objection_is_open() -> None:
    filed = (*FILED[:2], {"objection_no": "1", "against": "documents"})

    assert hold(filed) == ["violated"]


def test_the_opening_may_go_on_once_the_objection_is_answered() -> None:
    filed = (*FILED[:2], {"objection_no": "1", "against": "documents"})
    answered = ("trading.tender.objection-answered", "2026-03-12", {"objection_no": "1"})

    assert hold(filed, answered) == []


def test_an_objection_that_does_not_say_against_what_holds_nothing_for_sure() -> None:
    assert hold(FILED) == []
