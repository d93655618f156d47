"""Request bodies offer exactly the code values that the contracts know."""

from typing import get_args

import pytest

from libs.common.events.contracts import approval as events
from libs.common.events.payload import Payload
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
