"""A filled-in form becomes the API's own body, or says which value is wrong."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from libs.common.web.errors import Invalid
from services.approval.case import schemas
from services.approval.case.policy import TRANSITIONS
from services.approval.pages.steps import ACTS, RECEIVE, filled

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_every_step_on_a_case_has_a_form() -> None:
    assert set(ACTS) == {line.action for line in TRANSITIONS} - {"receive"}


@pytest.mark.parametrize("action", sorted(ACTS))
def test_a_form_has_every_field_that_its_body_takes(action: str) -> None:
    act = ACTS[action]
    assert {field.name for field in act.fields} == set(act.body.model_fields)


@pytest.mark.parametrize("action", sorted(ACTS))
def test_a_field_is_marked_as_required_where_its_body_wants_it(action: str) -> None:
    act = ACTS[action]
    wanted = {name for name, field in act.body.model_fields.items() if field.is_required()}
    ticks = {field.name for field in act.fields if field.kind == "tick"}
    assert {field.name for field in act.fields if field.required} == wanted - ticks


def test_the_form_of_a_new_case_has_every_field_of_its_body() -> None:
    assert {field.name for field in RECEIVE} == set(schemas.Receive.model_fields)


def test_a_local_time_is_taken_in_the_citys_zone() -> None:
    act = ACTS["extend"]
    form = {
        "extension_length": "5",
        "approver_level": "office_head",
        "told_at": "2026-03-02T09:30",
    }
    body = filled(act.body, act.fields, form, SHANGHAI)
    assert body.told_at == datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)
    assert body.extension_length == 5


def test_a_box_that_is_not_ticked_means_no() -> None:
    act = ACTS["issue-receipt"]
    body = filled(act.body, act.fields, {"document_no": "R-1", "sealed": "true"}, SHANGHAI)
    assert (body.sealed, body.dated) == (True, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("extension_length", "five"),
        ("extension_length", "-5"),
        ("extension_length", "9" * 400),
        ("told_at", "yesterday"),
        ("approver_level", "me"),
        ("unknown", "x"),
    ],
)
def test_a_wrong_value_is_named_in_both_languages(name: str, value: str) -> None:
    act = ACTS["extend"]
    form = {
        "extension_length": "5",
        "approver_level": "office_head",
        "told_at": "2026-03-02T09:30",
    }
    with pytest.raises(Invalid) as refused:
        filled(act.body, act.fields, {**form, name: value}, SHANGHAI)
    (error,) = refused.value.errors
    assert error.pointer == f"/{name}"
    assert set(error.message) == {"zh", "en"}
