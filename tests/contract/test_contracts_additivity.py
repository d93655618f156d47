"""The additivity check catches every change that is no addition, and lets additions pass."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from libs.common.events.additivity import breaking_changes, snapshot

EXTENDED = "cn.sunlight.approval.case.extended.v1"
PUBLICISED = "cn.sunlight.trading.award.candidates-publicised.v1"
SUPPLEMENT = "cn.sunlight.approval.case.supplement-requested.v1"

Change = Callable[[Any], object]


def fields(new: Any, event_type: str = EXTENDED) -> Any:
    return new["types"][event_type]["properties"]


def candidate(new: Any) -> Any:
    return fields(new, PUBLICISED)["candidates"]["items"]


def told(change: Change) -> list[str]:
    old = snapshot()
    new = copy.deepcopy(old)
    change(new)
    return breaking_changes(old, new)


def test_no_change_is_additive() -> None:
    assert breaking_changes(snapshot(), snapshot()) == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda new: new["types"].update({"cn.sunlight.approval.case.x.v1": {}}), id="new type"
        ),
        pytest.param(
            lambda new: fields(new).update(note={"type": "string", "default": None}),
            id="new optional field",
        ),
        pytest.param(
            lambda new: fields(new)["approver_level"]["x-codes"].append("deputy"), id="new code"
        ),
        pytest.param(
            lambda new: fields(new)["told_at"].update(description="other words"), id="description"
        ),
        pytest.param(
            lambda new: candidate(new)["properties"].update(score={"type": "integer"}),
            id="new optional field of a nested type",
        ),
        pytest.param(
            lambda new: new["envelope"]["properties"].update(city={"type": "string"}),
            id="new optional attribute",
        ),
    ],
)
def test_additions_pass(change: Change) -> None:
    assert told(change) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            lambda new: new["types"].pop(EXTENDED),
            f"{EXTENDED}: the type was removed",
            id="type removed",
        ),
        pytest.param(
            lambda new: fields(new).pop("told_at"),
            f"{EXTENDED}: data/told_at: the field was removed",
            id="field removed",
        ),
        pytest.param(
            lambda new: new["types"][EXTENDED]["required"].append("told_at"),
            f"{EXTENDED}: data/told_at: the field became required",
            id="field newly required",
        ),
        pytest.param(
            lambda new: (
                fields(new).update(note={"type": "string"}),
                new["types"][EXTENDED]["required"].append("note"),
            ),
            f"{EXTENDED}: data/note: the field became required",
            id="new field required",
        ),
        pytest.param(
            lambda new: new["types"][EXTENDED]["required"].remove("approver_level"),
            f"{EXTENDED}: data/approver_level: the field was required, older readers need it",
            id="field no longer required",
        ),
        pytest.param(
            lambda new: fields(new)["extension_length"].update(maximum=365),
            f"{EXTENDED}: data/extension_length: maximum was 3660, is 365",
            id="range narrowed",
        ),
        pytest.param(
            lambda new: fields(new)["extension_length"].update(multipleOf=5),
            f"{EXTENDED}: data/extension_length: multipleOf was 'nothing', is 5",
            id="constraint added",
        ),
        pytest.param(
            lambda new: fields(new)["extension_length"].update(type="string"),
            f"{EXTENDED}: data/extension_length: type was 'integer', is 'string'",
            id="type changed",
        ),
        pytest.param(
            lambda new: fields(new)["told_at"]["anyOf"].pop(),
            f"{EXTENDED}: data/told_at: took string or null, takes string",
            id="null no longer taken",
        ),
        pytest.param(
            lambda new: fields(new)["told_at"]["anyOf"][0].pop("format"),
            f"{EXTENDED}: data/told_at: format was 'date-time', is 'nothing'",
            id="format widened",
        ),
        pytest.param(
            lambda new: fields(new)["extension_unit"].update(default="calendar_day"),
            f"{EXTENDED}: data/extension_unit: default was 'working_day', is 'calendar_day'",
            id="default changed",
        ),
        pytest.param(
            lambda new: fields(new)["approver_level"]["x-codes"].remove("other"),
            f"{EXTENDED}: data/approver_level: the code 'other' was removed",
            id="code removed",
        ),
        pytest.param(
            lambda new: fields(new, SUPPLEMENT)["notice_no"].update({"x-codes": ["a"]}),
            f"{SUPPLEMENT}: data/notice_no: was free, is bound to a code list",
            id="code list added",
        ),
        pytest.param(
            lambda new: fields(new, SUPPLEMENT)["materials"]["items"].update(maxLength=10),
            f"{SUPPLEMENT}: data/materials[]: maxLength was 100, is 10",
            id="members narrowed",
        ),
        pytest.param(
            lambda new: fields(new, SUPPLEMENT)["materials"].pop("items"),
            f"{SUPPLEMENT}: data/materials: the members' type was removed",
            id="members free",
        ),
        pytest.param(
            lambda new: candidate(new)["properties"].pop("price"),
            f"{PUBLICISED}: data/candidates[]/price: the field was removed",
            id="field of a nested type removed",
        ),
        pytest.param(
            lambda new: new["envelope"]["properties"].pop("regime"),
            "envelope/regime: the field was removed",
            id="attribute removed",
        ),
        pytest.param(
            lambda new: new["envelope"]["required"].append("region"),
            "envelope/region: the field became required",
            id="attribute newly required",
        ),
    ],
)
def test_what_is_no_addition_is_told(change: Change, expected: str) -> None:
    assert told(change) == [expected]
