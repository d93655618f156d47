"""Steps of the flow as an import gives them: a list, or one cell."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.approval.item.schemas import ItemContent

STEPS: TypeAdapter[Any] = TypeAdapter(
    ItemContent.__annotations__["steps"], config={"arbitrary_types_allowed": True}
)


def read(value: Any) -> list[tuple[str, int | None, str | None]]:
    return [(one.name, one.limit, one.unit) for one in STEPS.validate_python(value)]


@pytest.mark.parametrize(
    ("cell", "steps"),
    [
        ("受理;审查;决定", [("受理", None, None), ("审查", None, None), ("决定", None, None)]),
        ("受理 1 工作日；审查：5工作日", [("受理", 1, "working_day"), ("审查", 5, "working_day")]),
        ("专家评审 20 自然日", [("专家评审", 20, "calendar_day")]),
        ("现场勘查2天;公示 3个月", [("现场勘查", 2, "calendar_day"), ("公示", 3, "month")]),
        ("第2次审查", [("第2次审查", None, None)]),
        ("", []),
    ],
)
def test_a_cell_gives_names_and_limits(cell: str, steps: list[Any]) -> None:
    assert read(cell) == steps


@pytest.mark.parametrize(
    "wrong",
    [
        "审查;审查",
        [{"name": "审查", "limit": 3}],
        [{"name": "审查", "unit": "working_day"}],
        [{"name": "", "limit": None}],
        [{"name": "审查", "limit": 0, "unit": "hour"}],
        [{"name": "审查", "colour": "red"}],
    ],
)
def test_a_list_that_is_not_sound_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        read(wrong)
