"""Which findings count against an office in public, and in which month."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from libs.common.events import Event
from services.disclosure.overdue import policy as overdue
from services.disclosure.overdue.policy import Change, Handled
from tests.unit.disclosure.events import AT, decided, detected, event, received, tender

CITY = ZoneInfo("Asia/Shanghai")
DEADLINES = {"APV-010": "approval", "TDR-020": "trading"}


def change(item: Event) -> Change | None:
    return overdue.change(item, DEADLINES, CITY)


def test_a_public_overrun_stands_against_its_office() -> None:
    found = change(detected())
    assert found is not None
    assert found.fact is not None
    assert (found.state, found.fact.office, found.fact.matter) == (
        "standing",
        "office-1",
        "approval",
    )


def test_the_month_is_that_of_the_city_and_not_of_utc() -> None:
    found = change(detected(occurred_at="2026-02-28T16:00:00Z"))
    assert found is not None
    assert found.fact is not None
    assert found.fact.month == date(2026, 3, 1)


@pytest.mark.parametrize(
    "told",
    [
        {"public": False},
        {"severity": "lead"},
        {"rule": "EMO-020"},
        {"rule": "TDR-006"},
    ],
)
def test_what_is_not_a_public_limit_never_counts(told: dict[str, Any]) -> None:
    assert change(detected(**told)) == Change("f-1", AT, "rescinded")


def test_a_case_event_is_no_overdue_fact() -> None:
    assert change(received()) is None


def test_a_decision_and_a_tender_add_to_the_base_of_their_month() -> None:
    late = datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert overdue.handled(decided(time=late), CITY) == Handled(
        "approval", "990100", "office-1", date(2026, 4, 1)
    )
    assert overdue.handled(tender(), CITY) == Handled(
        "trading", "990100", "office-1", date(2026, 3, 1)
    )


def test_other_events_add_to_no_base() -> None:
    assert overdue.handled(event("approval.case.closed", "case/C-1", 3), CITY) is None
