"""Corrections: a wrong entry, once corrected, is judged as if it had been right from the start."""

import json
import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.events.envelope import Event
from libs.common.law.correction import CORRECTIONS, corrections_of, righted, righted_history
from libs.common.law.dossier import Dossier
from tests.unit.common.law.making import LICENCE, LOCAL, happened, history, law, state
from tests.unit.common.law.test_folding import START, cases, stands

FOLD = law(LOCAL)
KIND = "approval.case.corrected"
RECEIPT = "cn.sunlight.approval.case.received.v1"
_UNITS = st.sampled_from(["working_day", "calendar_day", "hour", "month"])
_FIELDS: Mapping[str, st.SearchStrategy[Any]] = {
    "item_code": st.sampled_from(["A-1", "B-2"]),
    "item_type": st.sampled_from(["行政许可", "公共服务"]),
    "channel": st.sampled_from(["window", "online"]),
    "immediate": st.booleans(),
    "delivers_document": st.booleans(),
    "limit_set_by_law": st.booleans(),
    "statutory_limit": st.integers(1, 30),
    "statutory_unit": _UNITS,
    "promised_limit": st.integers(1, 30),
    "promised_unit": _UNITS,
}
_ENTRY = st.fixed_dictionaries({}, optional=dict(_FIELDS))


def correction(wrong: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """The data of the correction that turns one entry into another."""
    changed = {name: value for name, value in right.items() if wrong.get(name) != value}
    removed = sorted(wrong.keys() - right.keys())
    return {"corrects": 1, "reason_code": "typing_error", "removed": removed, **changed}


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """A case with a wrong receipt and its correction some time later, and the same case right."""
    wrong, right = draw(_ENTRY), draw(_ENTRY)
    case = {"case_no": "A1", "joint": False}
    rest = [
        event._replace(sequence=number)
        for number, event in enumerate(draw(cases()), start=2)
        if event.type != RECEIPT
    ]
    at = START + timedelta(hours=draw(st.integers(1, 24 * 70)))
    told = happened(KIND, at, 100, **correction(wrong, right))
    first = happened("approval.case.received", START - timedelta(hours=1), 1, **case)
    said = [first._replace(data={**case, **entry}) for entry in (wrong, right)]
    return [said[0], *rest, told], [said[1], *rest]


@given(lives())
@settings(max_examples=200, deadline=None)
def test_a_corrected_history_stands_as_the_one_that_was_right_from_the_start(
    life: tuple[list[Event], list[Event]],
) -> None:
    corrected, right = life

    found = FOLD.fold(corrected)

    assert stands(found) == stands(FOLD.fold(right))
    assert {**found.pack(), "x": None} == {**FOLD.fold(right).pack(), "x": None}


@given(lives(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_a_correction_may_come_at_any_place_in_the_order_of_arrival(
    life: tuple[list[Event], list[Event]], chance: random.Random
) -> None:
    corrected, _ = life
    shuffled = list(corrected)
    chance.shuffle(shuffled)

    assert FOLD.fold(shuffled).pack() == FOLD.fold(corrected).pack()


@given(lives())
@settings(max_examples=100, deadline=None)
def test_what_comes_after_a_correction_folds_into_the_stored_dossier(
    life: tuple[list[Event], list[Event]],
) -> None:
    corrected, _ = life
    ordered = sorted(corrected, key=lambda event: event.order)
    cut = next(place for place, event in enumerate(ordered) if event.type in CORRECTIONS)
    stored = Dossier.unpack(json.loads(json.dumps(FOLD.fold(ordered[: cut + 1]).pack())))
    for event in ordered[cut + 1 :]:
        FOLD.apply(stored, event)
    FOLD.survey(stored)

    assert stored.pack() == FOLD.fold(corrected).pack()


@given(lives())
@settings(max_examples=100, deadline=None)
def test_a_history_is_righted_as_its_events_are(life: tuple[list[Event], list[Event]]) -> None:
    corrected, right = life
    told = corrected[-1]
    rows = [[told.type, 0, told.data], *([event.type, 0, event.data] for event in right)]
    numbered = [[RECEIPT, 0, corrected[0].data], *rows[:1], *rows[2:]]

    assert [row[2] for row in righted_history(numbered)] == [event.data for event in right]


def test_a_licence_entered_as_a_service_gets_the_limit_of_a_licence() -> None:
    events = history(
        ("approval.case.received", "2026-03-02", {**LICENCE, "item_type": "公共服务"}),
        ("approval.case.accepted", "2026-03-03"),
        (KIND, "2026-03-20", {"corrects": 1, "reason_code": "wrong_item", "item_type": "行政许可"}),
    )

    assert state(FOLD, events[:2], "APV-010", "2026-04-10") == "not judged"
    # twenty working days after 3 March 2026: 31 March (Qingming, 6 April, comes later)
    assert state(FOLD, events, "APV-010", "2026-03-31") == "running"
    assert state(FOLD, events, "APV-010", "2026-04-01T09:00:00") == "overdue"


def test_a_limit_that_should_not_have_been_filled_in_starts_no_clock() -> None:
    promise = {"promised_limit": 5, "promised_unit": "working_day"}
    removed = {"corrects": 1, "reason_code": "typing_error", "removed": list(promise)}
    events = history(
        ("approval.case.received", "2026-03-02", {**LICENCE, **promise}),
        ("approval.case.accepted", "2026-03-03"),
        (KIND, "2026-03-20", removed),
    )

    assert state(FOLD, events[:2], "APV-023", "2026-03-20") == "overdue"
    assert state(FOLD, events, "APV-023", "2026-03-20") == "not judged"


def test_of_two_corrections_of_a_field_the_later_counts() -> None:
    events = history(
        ("approval.case.received", "2026-03-02", {**LICENCE, "item_type": "公共服务"}),
        ("approval.case.accepted", "2026-03-03"),
        (KIND, "2026-03-04", {"corrects": 1, "reason_code": "wrong_item", "item_type": "行政许可"}),
        (KIND, "2026-03-05", {"corrects": 1, "reason_code": "wrong_item", "item_type": "行政给付"}),
    )

    assert state(FOLD, list(reversed(events)), "APV-010", "2026-05-01") == "not judged"


def test_a_correction_of_another_event_leaves_the_receipt_as_it_is() -> None:
    events = history(
        ("approval.case.received", "2026-03-02", LICENCE),
        ("approval.case.accepted", "2026-03-03"),
        (KIND, "2026-03-04", {"corrects": 9, "reason_code": "wrong_item", "item_type": "公共服务"}),
    )

    assert state(FOLD, events, "APV-010", "2026-05-01") == "overdue"


def test_an_event_of_another_owner_with_the_same_number_is_left_as_it_is() -> None:
    data = {"corrects": 1, "reason_code": "wrong_item", "item_code": "B-2"}
    corrections = corrections_of([happened(KIND, "2026-03-04", 3, **data)])
    issued = happened("registry.licence.issued", "2026-03-05", 1, item_code="A-1")
    received = happened("approval.case.received", "2026-03-02", 1, item_code="A-1")

    assert righted(issued, corrections) == issued
    assert righted(received, corrections) == received._replace(data={"item_code": "B-2"})


def test_without_a_correction_a_history_is_handed_back_as_it_is() -> None:
    rows = [[RECEIPT, 0, {"case_no": "A1"}]]

    assert righted_history(rows) is rows
