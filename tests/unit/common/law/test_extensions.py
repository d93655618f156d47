"""What lengthens a limit: only an extension that the guard finds lawful (行政许可法 42).

Twenty working days after 2 March 2026 end on 30 March, thirty on 14 April (Qingming is off).
"""

from typing import Any

import pytest

from tests.unit.common.law.making import history, law, received, standing

LATER = "2026-12-01"


def extra(
    when: str, *before: tuple[str, str, dict[str, Any]], rule: str = "APV-010", **data: Any
) -> int:
    """The units by which an extension on that day lengthens the clock of a case."""
    extension = {
        "extension_length": 10,
        "approver_level": "office_head",
        "told_at": f"{when[:10]}T10:00:00+08:00",
        **data,
    }
    events = history(
        *(before or (received("2026-03-02"),)),
        ("approval.case.accepted", "2026-03-02"),
        ("approval.case.extended", when, {k: v for k, v in extension.items() if v is not None}),
    )
    (found,) = standing(law(), events, rule, LATER)
    return found.clock.extra


def test_a_lawful_extension_lengthens_the_limit() -> None:
    assert extra("2026-03-20") == 10


def test_an_extension_on_the_last_day_is_lawful() -> None:
    assert extra("2026-03-30T23:59:59") == 10


def test_an_extension_after_the_limit_is_not() -> None:
    assert extra("2026-03-31T00:00:00") == 0


def test_an_extension_told_after_the_limit_is_not() -> None:
    assert extra("2026-03-20", told_at="2026-03-31T09:00:00+08:00") == 0


def test_an_extension_that_nobody_was_told_is_not() -> None:
    assert extra("2026-03-20", told_at=None) == 0


def test_an_extension_by_someone_else_is_not() -> None:
    assert extra("2026-03-20", approver_level="other") == 0


def test_an_extension_of_eleven_days_is_not() -> None:
    assert extra("2026-03-20", extension_length=11) == 0


def test_an_extension_in_another_unit_is_not() -> None:
    assert extra("2026-03-20", extension_unit="calendar_day") == 0


JOINT = received("2026-03-02", joint=True, lead_office="L")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"approver_level": "government_head", "extension_length": 15}, 15),
        ({"approver_level": "government_head", "extension_length": 16}, 0),
        ({"approver_level": "office_head", "extension_length": 10}, 0),
    ],
)
def test_a_joint_case_is_extended_by_the_head_of_the_government(
    data: dict[str, Any], expected: int
) -> None:
    assert extra("2026-03-20", JOINT, rule="APV-012", **data) == expected


def test_a_limit_is_extended_once() -> None:
    extended = ("approval.case.extended", "2026-03-20")
    data = {
        "extension_length": 10,
        "approver_level": "office_head",
        "told_at": "2026-03-20T10:00:00+08:00",
    }
    events = history(
        received("2026-03-02"),
        ("approval.case.accepted", "2026-03-02"),
        (*extended, data),
        (*extended, {**data, "extension_length": 5}),
    )
    (found,) = standing(law(), events, "APV-010", LATER)

    assert found.reading is not None
    assert (found.reading.limit, str(found.reading.due)) == (30, "2026-04-14")
