"""Payloads: strict when producing, tolerant when reading, never lax about types."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from libs.common.events import CONTRACTS, ContractError, check_data, payload_data
from libs.common.events.contracts.approval import (
    CaseExtended,
    CasePaused,
    CaseReceived,
    CaseSupplementRequested,
)
from libs.common.events.contracts.trading import AwardCandidatesPublicised, Candidate, TenderOpened

EXTENDED = CaseExtended.event_type
PUBLICISED = AwardCandidatesPublicised.event_type
SHANGHAI = timezone(timedelta(hours=8))


def extended(**changes: Any) -> dict[str, Any]:
    return {"extension_length": 10, "approver_level": "office_head", **changes}


def test_a_field_nobody_knows_is_ignored_when_reading() -> None:
    assert check_data(EXTENDED, extended(later_field={"a": 1}))


def test_a_code_nobody_knows_is_kept_when_reading() -> None:
    assert CaseExtended.model_validate(extended(approver_level="deputy")).approver_level == "deputy"


def test_a_code_nobody_knows_is_refused_when_producing() -> None:
    with pytest.raises(ContractError, match=r"approver_level is 'deputy'.*office_head"):
        payload_data(CaseExtended(**extended(approver_level="deputy")))


@pytest.mark.parametrize("field", ["item_type", "channel", "statutory_unit", "promised_unit"])
def test_a_code_nobody_knows_is_refused_in_an_optional_field(field: str) -> None:
    payload = CaseReceived.model_validate({"case_no": "1", field: "no such code"})
    with pytest.raises(ContractError, match=f"{field} is 'no such code'"):
        payload.checked()


def test_every_field_with_a_code_list_is_bound_to_it() -> None:
    for model in CONTRACTS.values():
        listed = {
            name
            for name, schema in model.model_json_schema()["properties"].items()
            if "x-codes" in str(schema)
        }
        assert set(model.code_fields()) == listed, model.event_type


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"extension_length": ...}, "data/extension_length: Field required"),
        ({"extension_length": "10"}, "data/extension_length: .*integer.*'10'"),
        ({"extension_length": 10.5}, "data/extension_length: .*integer.*'10.5'"),
        ({"extension_length": True}, "data/extension_length: .*integer.*'True'"),
        ({"extension_length": None}, "data/extension_length: .*integer.*'None'"),
        ({"extension_length": -1}, "data/extension_length: .*greater.*'-1'"),
        ({"extension_length": 3661}, "data/extension_length: .*less.*'3661'"),
        ({"approver_level": 7}, "data/approver_level: .*string.*'7'"),
        ({"approver_level": ""}, "data/approver_level: .*at least 1 character.*''"),
        ({"approver_level": "x" * 101}, "data/approver_level: .*at most 100 characters"),
        ({"told_at": "2025-03-20T06:30:00"}, "data/told_at: .*RFC 3339.*06:30:00'"),
        ({"told_at": "2025-03-20"}, "data/told_at: .*RFC 3339"),
        ({"told_at": 1742452200}, "data/told_at: .*RFC 3339.*1742452200"),
        ({"told_at": "1742452200"}, "data/told_at: .*RFC 3339.*1742452200"),
        ({"told_at": "2025-02-30T06:30:00Z"}, "data/told_at: .*valid datetime"),
        ({"told_at": datetime(2025, 3, 20, 6, 30)}, "data/told_at: .*timezone"),  # noqa: DTZ001
    ],
)
def test_data_against_its_contract_is_refused_with_field_and_value(
    changes: dict[str, Any], told: str
) -> None:
    data = {name: value for name, value in extended(**changes).items() if value is not ...}
    with pytest.raises(ContractError, match=f"^{EXTENDED}: {told}"):
        check_data(EXTENDED, data)


@pytest.mark.parametrize(("value"), [0, 1, "true", "yes"])
def test_a_truth_value_is_true_or_false_only(value: object) -> None:
    with pytest.raises(ContractError, match="data/joint"):
        check_data(CaseReceived.event_type, {"case_no": "1", "joint": value})


def test_several_faults_are_told_at_once() -> None:
    with pytest.raises(ContractError, match=r"data/extension_length.*data/approver_level"):
        check_data(EXTENDED, {})


def test_a_fault_in_a_list_names_the_place() -> None:
    instant = "2025-03-20T06:30:00Z"
    data = {"publicity_from": instant, "publicity_until": instant}
    with pytest.raises(ContractError, match=r"data/candidates/1/rank_no: .*'first'"):
        check_data(PUBLICISED, {**data, "candidates": [{"rank_no": 1}, {"rank_no": "first"}]})


def test_more_members_than_a_list_may_have_are_refused() -> None:
    with pytest.raises(ContractError, match="data/materials"):
        check_data(CaseSupplementRequested.event_type, {"notice_no": "1", "materials": ["m"] * 201})


def test_null_says_as_little_as_a_missing_optional_field() -> None:
    assert check_data(EXTENDED, extended(told_at=None))


def test_payload_data_leaves_out_what_says_nothing() -> None:
    assert payload_data(TenderOpened()) == {}


def test_payload_data_writes_times_with_their_offset() -> None:
    told_at = datetime(2025, 3, 20, 14, 30, tzinfo=SHANGHAI)
    data = payload_data(CaseExtended(**extended(told_at=told_at)))
    assert data["told_at"] == "2025-03-20T14:30:00+08:00"
    assert check_data(EXTENDED, data)


def test_a_nested_type_is_written_as_plain_json() -> None:
    instant = datetime(2025, 3, 20, tzinfo=UTC)
    payload = AwardCandidatesPublicised(
        publicity_from=instant, publicity_until=instant, candidates=(Candidate(rank_no=1),)
    )
    assert payload_data(payload)["candidates"] == [{"rank_no": 1}]


def test_a_naive_time_is_refused_when_producing() -> None:
    with pytest.raises(ValidationError, match="told_at"):
        CaseExtended(**extended(told_at=datetime(2025, 3, 20)))  # noqa: DTZ001


def test_a_payload_that_skipped_its_checks_is_refused_when_producing() -> None:
    payload = CaseExtended.model_construct(None, **extended(extension_length="10"))
    with pytest.raises(ContractError, match=r"data/extension_length: .*'10'"):
        payload.checked()


def test_a_payload_never_changes() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        CasePaused(ground="hearing").ground = "tender"  # type: ignore[misc]


def test_pauses_know_the_eight_grounds_of_the_licensing_law() -> None:
    # 行政许可法 art. 45: 听证 招标 拍卖 检验 检测 检疫 鉴定 专家评审
    grounds = "hearing tender auction inspection testing quarantine appraisal expert_review"
    assert CasePaused.code_fields()["ground"].values == tuple(grounds.split())
