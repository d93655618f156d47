"""How a minimum period stands: judged from the plan, re-judged at each amendment.

In March 2026 the 2nd is a Monday, the 7th and 8th are off.
"""

from typing import Any

import pytest

from libs.common.law.clock import Reading
from tests.unit.common.law.making import history, law, standing

LATER = "2026-12-01"


def at(text: str) -> str:
    """A Shanghai wall time as an event carries it."""
    return f"{text}+08:00"


def published(deadline: str, **data: Any) -> tuple[str, str, dict[str, Any]]:
    """A compulsory tender whose documents come out on 2 March."""
    times = {"documents_from": at("2026-03-02T09:00:00"), "bid_deadline": at(deadline)}
    return ("trading.tender.published", "2026-03-02", {"mandatory": True, **times, **data})


def read(rule: str, *events: tuple[str, str, dict[str, Any]]) -> Reading | None:
    """How the last clock of a rule stands."""
    return standing(law(), history(*events), rule, LATER)[-1].reading


def state(rule: str, *events: tuple[str, str, dict[str, Any]]) -> str:
    """Its state; "not judged" where the rule does not surely apply."""
    reading = read(rule, *events)
    return reading.state if reading else "not judged"


def test_twenty_days_do_not_count_the_first() -> None:
    assert state("TDR-001", published("2026-03-22T09:00:00")) == "met"


def test_nineteen_days_are_short_by_one() -> None:
    reading = read("TDR-001", published("2026-03-21T23:59:59"))

    assert reading is not None
    assert (reading.state, reading.elapsed, reading.over) == ("breached", 19, 1)


@pytest.mark.parametrize("mandatory", [False, None])
def test_a_tender_that_is_not_compulsory_is_not_judged(mandatory: bool | None) -> None:
    assert state("TDR-001", published("2026-03-05T09:00:00", mandatory=mandatory)) == "not judged"


def clarified(when: str, **data: Any) -> tuple[str, str, dict[str, Any]]:
    """A change of the tender documents."""
    return ("trading.tender.clarified", when, data)


def test_a_later_deadline_heals_a_short_period() -> None:
    moved = clarified("2026-03-05", bid_deadline=at("2026-03-22T09:00:00"))

    assert state("TDR-001", published("2026-03-12T09:00:00"), moved) == "met"


def test_a_change_is_held_against_the_amended_deadline() -> None:
    first = published("2026-03-22T09:00:00")
    moved = {"affects_preparation": True, "bid_deadline": at("2026-03-30T09:00:00")}

    assert state("TDR-004", first, clarified("2026-03-15", **moved)) == "met"
    assert state("TDR-004", first, clarified("2026-03-16", **moved)) == "breached"


def test_a_change_that_affects_no_bid_may_come_late() -> None:
    events = history(
        published("2026-03-22T09:00:00"), clarified("2026-03-20", affects_preparation=False)
    )

    assert standing(law(), events, "TDR-004", LATER) == []


def test_a_change_that_does_not_say_whether_it_affects_bids_is_undetermined() -> None:
    events = history(
        published("2026-03-22T09:00:00"),
        clarified("2026-03-03", affects_preparation=True),
        clarified("2026-03-20"),
    )
    first, second = standing(law(), events, "TDR-004", LATER)

    assert first.reading is not None
    assert first.reading.state == "met"
    assert second.missing == ("affects_preparation",)


def publicity(until: str, since: str = "2026-03-02T18:00:00") -> str:
    """How the publicity of a compulsory tender's candidates stands."""
    times = {"publicity_from": at(since), "publicity_until": at(until)}
    return state(
        "TDR-021",
        published("2026-03-22T09:00:00"),
        ("trading.award.candidates-publicised", "2026-03-02", times),
    )


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2026-03-04T23:59:59", "breached"),
        ("2026-03-05T16:59:59", "disputed"),
        ("2026-03-05T17:00:00", "met"),
        ("2026-03-06T09:00:00", "met"),
    ],
)
def test_publicity_that_ends_before_closing_time_is_disputed(until: str, expected: str) -> None:
    assert publicity(until) == expected


# From Wednesday 4 March the third day is Saturday the 7th, which rolls to Monday the 9th.
@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2026-03-06T18:00:00", "breached"),
        ("2026-03-07T18:00:00", "disputed"),
        ("2026-03-08T18:00:00", "disputed"),
        ("2026-03-09T09:00:00", "met"),
    ],
)
def test_publicity_that_ends_on_a_day_off_is_disputed(until: str, expected: str) -> None:
    assert publicity(until, "2026-03-04T18:00:00") == expected


def test_both_readings_are_named() -> None:
    times = {
        "publicity_from": at("2026-03-04T18:00:00"),
        "publicity_until": at("2026-03-07T09:00:00"),
    }
    reading = read(
        "TDR-021",
        published("2026-03-22T09:00:00"),
        ("trading.award.candidates-publicised", "2026-03-04", times),
    )

    assert reading is not None
    assert reading.reading == "closing+roll"


def test_an_objection_two_days_ahead_of_the_deadline_is_in_time() -> None:
    sale = {
        "prequalification_sale_from": at("2026-03-02T09:00:00"),
        "prequalification_sale_until": at("2026-03-09T17:00:00"),
        "prequalification_deadline": at("2026-03-16T09:00:00"),
    }
    filed = {"objection_no": "1", "against": "prequalification"}
    start = ("trading.tender.prequalification-published", "2026-03-02", sale)

    assert state("TDR-006", start, ("trading.tender.objection-filed", "2026-03-14", filed)) == "met"
    assert (
        state("TDR-006", start, ("trading.tender.objection-filed", "2026-03-15", filed))
        == "breached"
    )


def test_a_period_without_an_end_runs() -> None:
    times = {"documents_from": at("2026-03-02T09:00:00"), "bid_deadline": at("2026-03-22T09:00:00")}

    assert state("TDR-002", ("trading.tender.published", "2026-03-02", times)) == "running"
