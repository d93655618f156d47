"""Which types exist, who owns them, how events of one subject are ordered, how old ones rise."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.common.events import (
    CONTRACTS,
    RANKS,
    TOPICS,
    ContractError,
    Payload,
    decode,
    owner,
    registry,
)
from libs.common.events.contracts import approval
from tests.unit.common.events.making import event, raw

OLDEST = "cn.sunlight.approval.case.halted.v1"
OLDER = "cn.sunlight.approval.case.halted.v2"
PAUSED = "cn.sunlight.approval.case.paused.v1"
NOON = datetime(2025, 3, 20, 4, tzinfo=UTC)


def _renamed(data: dict[str, Any]) -> dict[str, Any]:
    return {"basis": data["why"]}


def _coded(data: dict[str, Any]) -> dict[str, Any]:
    return {"ground": {"听证": "hearing"}[data["basis"]], "notice_no": "none"}


@pytest.fixture
def _upcasters(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {OLDEST: (OLDER, _renamed), OLDER: (PAUSED, _coded)}
    monkeypatch.setattr(registry, "_UPCASTERS", steps)


def test_every_type_has_an_owner() -> None:
    assert {owner(name) for name in CONTRACTS} == set(TOPICS)


@pytest.mark.parametrize(
    "name",
    [
        "cn.sunlight.office.case.received.v1",
        "com.example.approval.case.received.v1",
        "cn.sunlight.approval.received.v1",
        "cn.sunlight.approval.case.received.again.v1",
        "",
    ],
)
def test_a_name_not_of_our_form_has_no_owner(name: str) -> None:
    with pytest.raises(ContractError, match="is no event type of ours"):
        owner(name)


def test_every_type_is_named_by_the_form() -> None:
    for name in CONTRACTS:
        assert name.rpartition(".")[2].removeprefix("v").isdigit(), name


def test_every_type_says_what_it_is() -> None:
    assert [name for name, model in CONTRACTS.items() if not model.__doc__] == []


def test_the_rank_follows_the_order_of_declaration() -> None:
    life: list[type[Payload]] = [
        approval.CaseReceived,
        approval.CaseAccepted,
        approval.CasePaused,
        approval.CaseResumed,
        approval.CaseDecided,
        approval.CaseDelivered,
        approval.CaseClosed,
    ]
    ranks = [RANKS[model.event_type] for model in life]
    assert ranks == sorted(ranks)
    assert ranks[0] == 1


def test_business_time_orders_first() -> None:
    late = event(type=approval.CaseReceived.event_type, time=NOON + timedelta(seconds=1))
    early = event(type=approval.CaseClosed.event_type, time=NOON, sequence=9)
    assert sorted([late, early], key=lambda one: one.order) == [early, late]


def test_the_life_cycle_orders_events_of_one_instant() -> None:
    received = event(type=approval.CaseReceived.event_type, time=NOON, sequence=2)
    accepted = event(type=approval.CaseAccepted.event_type, time=NOON, sequence=1)
    assert sorted([accepted, received], key=lambda one: one.order) == [received, accepted]


def test_the_sequence_orders_events_of_one_instant_and_type() -> None:
    first, second = event(time=NOON, sequence=1), event(time=NOON, sequence=2)
    assert sorted([second, first], key=lambda one: one.order) == [first, second]


def test_an_unknown_type_comes_before_known_ones_of_its_instant() -> None:
    unknown = event(type="cn.sunlight.approval.case.teleported.v1", time=NOON, sequence=5)
    known = event(type=approval.CaseReceived.event_type, time=NOON, sequence=1)
    assert sorted([known, unknown], key=lambda one: one.order) == [unknown, known]


@pytest.mark.usefixtures("_upcasters")
def test_an_old_event_is_read_as_the_newest_version() -> None:
    read = decode(raw(type=OLDEST, data={"why": "听证"}))
    assert read.type == PAUSED
    assert read.data == {"ground": "hearing", "notice_no": "none"}
    assert read.known


@pytest.mark.usefixtures("_upcasters")
def test_an_event_in_between_takes_the_steps_that_remain() -> None:
    assert decode(raw(type=OLDER, data={"basis": "听证"})).data["ground"] == "hearing"


@pytest.mark.usefixtures("_upcasters")
@pytest.mark.parametrize("data", [{}, {"why": "其他"}, {"why": ["听证"]}])
def test_an_old_event_that_cannot_be_brought_up_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="can't be brought to"):
        decode(raw(type=OLDEST, data=data))


def test_data_without_an_upcaster_stays_as_it_is() -> None:
    data = {"ground": "hearing"}
    assert registry.upcast(PAUSED, data) == (PAUSED, data)
