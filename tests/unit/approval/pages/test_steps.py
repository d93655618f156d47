"""A filled-in form becomes the API's own body, or says which value is wrong."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from libs.common.web.errors import Invalid
from services.approval.applicant.schemas import Applicant
from services.approval.case import schemas
from services.approval.case.policy import TRANSITIONS
from services.approval.item.policy import TERMS
from services.approval.pages.steps import ACTS, RECEIVE, RECEIVE_LISTED, filled

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_every_step_on_a_case_has_a_form() -> None:
    # Materials that were tolerated as missing are complete by an upload, not by a form.
    without = {"receive", "complete-materials"}
    assert set(ACTS) == {line.action for line in TRANSITIONS} - without


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
    flat = {field.name for field in RECEIVE if "." not in field.name}
    nested = {field.name for field in RECEIVE if "." in field.name}
    assert flat == set(schemas.Receive.model_fields) - {"applicant"}
    assert nested == {f"applicant.{name}" for name in Applicant.model_fields}


def test_a_listed_item_is_asked_nothing_that_its_version_says() -> None:
    assert {field.name for field in RECEIVE_LISTED} & set(TERMS) == set()


def test_a_name_with_a_dot_is_a_value_within_a_value() -> None:
    form = {"item_code": "A", "applicant.kind": "person", "applicant.name": "张三"}
    body = filled(schemas.Receive, RECEIVE_LISTED, form, SHANGHAI)
    assert (body.applicant.kind, body.applicant.name) == ("person", "张三")


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
