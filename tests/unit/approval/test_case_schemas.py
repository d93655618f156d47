"""Request bodies offer exactly the code values that the contracts know."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from libs.common.events.contracts import approval as events
from libs.common.events.payload import Payload
from libs.common.web.inputs import Body
from services.approval.case import schemas


@pytest.mark.parametrize(
    ("literal", "payload", "field"),
    [
        (schemas.ItemType, events.CaseReceived, "item_type"),
        (schemas.Channel, events.CaseReceived, "channel"),
        (schemas.Unit, events.CaseReceived, "statutory_unit"),
        (schemas.Ground, events.CasePaused, "ground"),
        (schemas.Outcome, events.CaseDecided, "outcome"),
        (schemas.ApproverLevel, events.CaseExtended, "approver_level"),
    ],
)
def test_a_code_list_is_the_contracts(literal: object, payload: type[Payload], field: str) -> None:
    codes = payload.code_fields()[field].values
    assert set(get_args(literal)) == set(codes)


PAUSE = {"ground": "inspection", "notice_no": "N-1"}


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (schemas.Pause, {**PAUSE, "noticed_length": 5}),
        (schemas.Pause, {**PAUSE, "noticed_unit": "working_day"}),
        (schemas.Accept, {"tolerance_limit": 5}),
        (
            schemas.Decide,
            {"outcome": "refused", "delivers_document": False, "licence_no": "YG-1"},
        ),
    ],
)
def test_half_of_what_belongs_together_is_refused(shape: type[Body], said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        shape.model_validate(said)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (schemas.Pause, PAUSE),
        (schemas.Pause, {**PAUSE, "noticed_length": 5, "noticed_unit": "working_day"}),
        (schemas.Accept, {"tolerant": True}),
        (schemas.Accept, {"tolerant": True, "tolerance_limit": 5}),
        (schemas.Decide, {"outcome": "refused", "delivers_document": False}),
        (
            schemas.Decide,
            {"outcome": "partly", "delivers_document": True, "licence_no": "YG-1"},
        ),
    ],
)
def test_what_belongs_together_is_taken_together(shape: type[Body], said: dict[str, Any]) -> None:
    assert shape.model_validate(said).model_dump(exclude_unset=True) == said
