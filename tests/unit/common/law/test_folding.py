"""The fold: whatever order events arrive in, the same events make the same dossier."""

import json
import random
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.events.envelope import Event
from libs.common.law.clock import Clock
from libs.common.law.dossier import Check, Dossier
from libs.common.law.fold import PatternView
from tests.unit.common.law.making import LOCAL, happened, history, law, local, received

START = local("2026-02-02T09:00:00")
FOLD = law(LOCAL)
AT = local("2026-12-01")

_CASE: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "approval.case.received": st.fixed_dictionaries(
        {"item_type": st.sampled_from(["行政许可", "公共服务"]), "joint": st.booleans()},
        optional={
            "limit_set_by_law": st.booleans(),
            "promised_limit": st.integers(0, 30),
            "promised_unit": st.sampled_from(["working_day", "calendar_day", "hour", "month"]),
        },
    ),
    "approval.case.supplement-requested": st.fixed_dictionaries(
        {"notice_no": st.just("1")}, optional={"supplement_defective": st.booleans()}
    ),
    "approval.case.supplement-received": st.just({"notice_no": "1"}),
    "approval.case.accepted": st.just({}),
    "approval.case.paused": st.fixed_dictionaries(
        {"ground": st.sampled_from(["hearing", "testing", "missing_data"])}
    ),
    "approval.case.resumed": st.just({}),
    "approval.case.extended": st.just(
        {
            "extension_length": 10,
            "approver_level": "office_head",
            "told_at": "2026-02-10T10:00:00+08:00",
        }
    ),
    "approval.case.decided": st.fixed_dictionaries(
        {"outcome": st.sampled_from(["granted", "refused"])},
        optional={"delivers_document": st.booleans()},
    ),
    "approval.case.delivered": st.just({}),
    "approval.case.withdrawn": st.just({}),
    "trading.tender.objection-filed": st.fixed_dictionaries(
        {"objection_no": st.sampled_from(["1", "2"]), "against": st.just("documents")}
    ),
    "trading.tender.objection-answered": st.fixed_dictionaries(
        {"objection_no": st.sampled_from(["1", "2"])}
    ),
}


@st.composite
def cases(draw: st.DrawFn) -> list[Event]:
    """A subject's events in their own order; days apart, several on one instant now and then."""
    kinds = draw(st.lists(st.sampled_from(sorted(_CASE)), min_size=1, max_size=12))
    hours = draw(st.lists(st.integers(0, 24 * 60), min_size=len(kinds), max_size=len(kinds)))
    return [
        happened(kind, START + timedelta(hours=hour), number, **draw(_CASE[kind]))
        for number, (kind, hour) in enumerate(zip(kinds, hours, strict=True), start=1)
    ]


def stands(dossier: Dossier) -> list[Any]:
    """Everything that is said of a dossier."""
    judged = FOLD.judged(dossier, AT)
    clocks = [
        (found.clock.rule, found.clock.occurrence, found.applies, found.reading) for found in judged
    ]
    return [*clocks, *(check.pack() for check in dossier.checks)]


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_any_order_of_arrival_gives_the_same_dossier(
    events: list[Event], chance: random.Random
) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)

    assert FOLD.fold(shuffled).pack() == FOLD.fold(events).pack()


@given(cases())
@settings(max_examples=100, deadline=None)
def test_applying_one_by_one_equals_folding_at_once(events: list[Event]) -> None:
    dossier = Dossier()
    for event in sorted(events, key=lambda event: event.order):
        FOLD.apply(dossier, event)

    assert dossier.pack() == FOLD.fold(events).pack()


@given(cases(), st.integers(0, 12))
@settings(max_examples=100, deadline=None)
def test_a_dossier_survives_being_stored_between_events(events: list[Event], cut: int) -> None:
    ordered = sorted(events, key=lambda event: event.order)
    before = FOLD.fold(ordered[:cut])
    stored = Dossier.unpack(json.loads(json.dumps(before.pack())))
    for event in ordered[cut:]:
        FOLD.apply(stored, event)
    whole = FOLD.fold(events)

    assert stored.pack() == whole.pack()
    assert stands(stored) == stands(whole)


@given(cases(), st.integers(0, 24 * 300))
@settings(max_examples=100, deadline=None)
def test_judging_changes_nothing(events: list[Event], hours: int) -> None:
    dossier = FOLD.fold(events)
    before = json.dumps(dossier.pack())
    FOLD.judged(dossier, START + timedelta(hours=hours))

    assert json.dumps(dossier.pack()) == before


@given(cases())
@settings(max_examples=100, deadline=None)
def test_an_open_clock_only_gets_later(events: list[Event]) -> None:
    dossier = FOLD.fold(events)
    overs = []
    for day in range(0, 120, 10):
        judged = FOLD.judged(dossier, AT + timedelta(days=day))
        overs.append([found.reading.over if found.reading else 0 for found in judged])

    assert all(
        one <= other
        for earlier, following in pairwise(overs)
        for one, other in zip(earlier, following, strict=True)
    )


def test_a_clock_packs_without_its_empty_tail() -> None:
    clock = Clock("APV-003@2004-07-01/1", 1, 1_772_413_200_000_000, look=None)

    assert clock.pack() == ["APV-003@2004-07-01/1", 1, 1_772_413_200_000_000, None, None, 0]
    assert Clock.unpack(clock.pack()) == clock


def test_an_event_no_rule_reads_does_not_concern_the_law() -> None:
    assert not FOLD.concerns(happened("approval.case.step-recorded", "2026-03-02"))
    assert FOLD.concerns(happened("approval.case.step-recorded", "2026-03-02", joint=True))
    assert FOLD.concerns(happened("approval.case.delivered", "2026-03-02"))


def test_a_detector_sees_the_dossier_and_its_findings_are_numbered() -> None:
    def every_pause(view: PatternView, parameters: Any) -> Check | None:
        assert parameters["last_working_days"] == 2
        if not view.event.type.endswith("paused.v1"):
            return None
        ground = {"ground": view.event.data["ground"]}
        return Check(
            view.rule.key, 0, "violated", view.dossier.last[0] if view.dossier.last else 0, ground
        )

    fold = law(LOCAL, {"pause_misuse": every_pause})
    paused = ("approval.case.paused", "2026-03-03", {"ground": "testing"})
    resumed = ("approval.case.resumed", "2026-03-04")
    checks = fold.fold(history(received("2026-03-02"), paused, resumed, paused)).checks

    assert [found.occurrence for found in checks] == [1, 2]


def test_a_dossier_keeps_what_a_pattern_reads_and_drops_what_nobody_does() -> None:
    notice = {"ground": "testing", "notice_no": "P1", "noticed_length": 5}
    paused = ("approval.case.paused", "2026-03-03", notice)
    facts = FOLD.fold(history(received("2026-03-02"), paused)).facts

    assert facts["noticed_length"] == 5
    assert "notice_no" not in facts


def test_what_is_said_of_a_record_is_no_fact_of_the_tender_it_is_about() -> None:
    tender = happened("trading.tender.published", "2026-03-02", 1)
    record = happened("disclosure.record.published", "2026-03-02", 2)
    dossier = FOLD.fold(
        [
            tender._replace(data={"tender_no": "T-1", "kind": "works"}),
            record._replace(data={"record_id": "1", "kind": "award"}),
        ]
    )
    assert dossier.facts["kind"] == "works"
