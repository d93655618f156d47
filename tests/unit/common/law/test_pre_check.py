"""安阳市政务服务条例 42(1), as a model: an online application is looked at in one working day."""

import pytest

from libs.common.events import Event
from tests.unit.common.law.making import LOCAL, happened, law, state

RULE = "APV-035"
FRIDAY = "2026-03-06T16:00"


def received(channel: str) -> list[Event]:
    return [happened("approval.case.received", FRIDAY, case_no="A1", channel=channel)]


@pytest.mark.parametrize(
    ("at", "stands"), [("2026-03-09T23:59", "running"), ("2026-03-10T00:00", "overdue")]
)
def test_what_came_on_friday_is_due_by_the_end_of_monday(at: str, stands: str) -> None:
    assert state(law(LOCAL), received("online"), RULE, at) == stands


def test_what_came_to_the_window_has_no_such_limit() -> None:
    assert state(law(LOCAL), received("window"), RULE, "2026-04-01") == "not judged"


@pytest.mark.parametrize("answer", ["pre-checked", "supplement-requested", "accepted", "refused"])
def test_each_answer_to_the_applicant_tells_the_result(answer: str) -> None:
    events = [*received("online"), happened(f"approval.case.{answer}", "2026-03-09T10:00", 2)]
    assert state(law(LOCAL), events, RULE, "2026-04-01") == "met"
