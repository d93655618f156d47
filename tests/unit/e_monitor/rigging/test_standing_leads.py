"""What stands is a function of the events: any order of arrival, any numbering, corrections."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.events import Event
from libs.common.law.dossier import Dossier
from services.e_monitor.clock.carry import carry_standing
from services.e_monitor.finding.policy import of_check
from tests.unit.common.law.making import happened
from tests.unit.e_monitor.rigging.making import (
    FIRMS,
    LAW,
    bid,
    leads,
    mark,
    opened,
    published,
    whole,
)

SUBJECT = "tender/T-1"
MARKS = st.sampled_from("ab")


@st.composite
def recorded(draw: st.DrawFn) -> list[Event]:
    """Up to five bids with few different marks, some consortia, corrections and withdrawals."""
    events = [published(), opened(draw(st.none() | st.integers(0, 5)))]
    for number in range(draw(st.integers(1, 5))):
        data: dict[str, Any] = whole(draw(MARKS))
        data["members"] = draw(st.none() | st.just([FIRMS[number], FIRMS[(number + 1) % 5]]))
        data["lot"] = draw(st.sampled_from([None, "L1"]))
        told = {name: value for name, value in data.items() if value is not None}
        events.append(bid(number, minute=draw(st.integers(0, 9)), **told))
        if draw(st.booleans()):
            correct = {**told, **whole(draw(MARKS))}
            events.append(bid(number, "corrected", minute=draw(st.integers(10, 19)), **correct))
        if draw(st.integers(0, 3)) == 0:
            gone = {"ground": "recorded_in_error", "bid_no": f"B-{number}"}
            events.append(
                happened("trading.bid.withdrawn", f"2026-03-23T11:{number:02}:00", 40, **gone)
            )
    return [event._replace(sequence=place) for place, event in enumerate(events, start=1)]


class Monitor:
    """Takes events as they arrive, as the worker does, and reports what changes."""

    def __init__(self) -> None:
        self.dossier = Dossier()
        self.seen: list[Event] = []
        self.standing: dict[tuple[str, int], Any] = {}

    def arrive(self, event: Event) -> None:
        self.seen.append(event)
        before = self.dossier
        if before.last is None or event.order >= max(other.order for other in self.seen):
            LAW.apply(self.dossier, event)
        else:
            self.dossier = LAW.fold(self.seen)
            for key in carry_standing(before, self.dossier):
                self.standing.pop(key)
        LAW.survey(self.dossier)
        for check in self.dossier.checks:
            self._report(check)
        self.dossier = Dossier.unpack(self.dossier.pack())

    def _report(self, check: Any) -> None:
        rule: Any = LAW.book.by_key[check.rule]
        standing = of_check(SUBJECT, check, rule)
        if standing is None:
            if check.standing is not None:
                del self.standing[rule.id, check.occurrence]
            check.standing = None
        elif standing.mark != check.standing:
            self.standing[rule.id, check.occurrence] = standing
            check.standing = standing.mark


def arrived(events: Sequence[Event]) -> Monitor:
    monitor = Monitor()
    for event in events:
        monitor.arrive(event)
    return monitor


@settings(max_examples=150, deadline=None)
@given(recorded(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_leaves_the_same_findings(events: list[Event], random: Any) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    assert arrived(shuffled).standing == arrived(events).standing


@settings(max_examples=100, deadline=None)
@given(recorded())
def test_what_stands_is_what_a_fold_from_scratch_finds(events: list[Event]) -> None:
    standing = arrived(events).standing
    scratch = leads(LAW.fold(events))
    assert {(rule.partition("@")[0], number) for rule, number, _, _ in scratch} == set(standing)
    assert [found.evidence["seen"] for _, found in sorted(standing.items())] == [
        lead[3] for lead in scratch
    ]


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(5)), st.lists(MARKS, min_size=5, max_size=5))
def test_the_order_in_which_bids_are_recorded_changes_no_lead(
    order: list[int], letters: list[str]
) -> None:
    def found(order: Sequence[int]) -> list[Any]:
        events = [published(), opened(5)]
        events += [
            bid(number, minute=minute, **whole(letters[number]))
            for minute, number in enumerate(order)
        ]
        return [
            (rule, number, {k: v for k, v in evidence.items() if k != "since"})
            for rule, number, _, evidence in leads(LAW.fold(events))
        ]

    assert found(order) == found(range(5))


def test_a_withdrawn_bid_takes_the_lead_back() -> None:
    events = [published(), opened(2), bid(1, **whole("a")), bid(2, **whole("a"))]
    monitor = arrived(events)
    assert {rule for rule, _ in monitor.standing} == {"CN40-1a", "CN40-2c", "CN40-6a"}
    gone = {"bid_no": "B-2", "ground": "before_deadline"}
    monitor.arrive(happened("trading.bid.withdrawn", "2026-03-23T11:00:00", 20, **gone))
    assert monitor.standing == {}


def test_a_correction_takes_the_lead_back() -> None:
    monitor = arrived([published(), opened(2), bid(1, **whole("a")), bid(2, **whole("a"))])
    monitor.arrive(bid(2, "corrected", minute=30, **whole("b")))
    assert monitor.standing == {}


def test_a_withdrawal_before_the_deadline_that_is_learned_late_takes_the_lead_back() -> None:
    monitor = arrived([published(), opened(2), bid(1, **whole("a")), bid(2, **whole("a"))])
    told = happened("trading.tender.bid-withdrawn", "2026-03-20T11:00:00", 20, bid_no="B-2")
    monitor.arrive(told)
    assert monitor.standing == {}


def test_bids_that_come_before_the_opening_are_no_lead_until_it() -> None:
    early = [bid(n, minute=-60, **whole("a")) for n in (1, 2)]
    monitor = arrived([published(), *early])
    assert monitor.standing == {}
    monitor.arrive(opened(2))
    assert len(monitor.standing) == 4


@pytest.mark.parametrize("kind", ["land", "minerals", "property"])
def test_what_is_traded_under_other_laws_is_not_looked_at(kind: str) -> None:
    events = [published(kind=kind), opened(2), bid(1, **whole("a")), bid(2, **whole("a"))]
    assert leads(LAW.fold(events)) == []


def test_a_tender_of_unknown_kind_is_undetermined() -> None:
    events = [opened(2), bid(1, **whole("a")), bid(2, **whole("a"))]
    checks = LAW.fold(events).checks
    assert {(check.verdict, *check.evidence["missing"]) for check in checks} == {
        ("undetermined", "kind")
    }


def test_more_bids_than_are_compared_are_never_clear() -> None:
    def numbered(number: int) -> Event:
        told = whole("a") | {name: [mark(f"{number:04}")] for name in ("accounts", "certificates")}
        told |= {name: [mark(f"{number:04}")] for name in ("creation_ids", "bond_accounts")}
        return bid(1, minute=5, bid_no=f"B-{number}", bidder=f"F-{number}", **told)

    events = [published(), opened(), *(numbered(number) for number in range(1001))]
    dossier = LAW.fold(
        event._replace(sequence=place) for place, event in enumerate(events, start=1)
    )
    assert {check.verdict for check in dossier.checks} == {"undetermined"}
    assert len(dossier.rows["bids"]) == 1000


def test_a_lead_is_not_dated_before_the_opening_nor_moved_by_the_evaluation() -> None:
    early = [bid(n, minute=-60, **whole("a")) for n in (1, 2)]
    evaluated = happened("trading.tender.evaluated", "2026-03-24T10:00:00", 30)
    dossier = LAW.fold([published(), *early, opened(2), evaluated])
    assert {evidence["since"] for *_, evidence in leads(dossier)} == {"2026-03-23T02:00:00+00:00"}


def test_a_ring_that_loses_its_first_bidder_is_the_same_lead() -> None:
    ring = [published(), opened(3), *(bid(n, **whole("a")) for n in (1, 2, 3))]
    gone = {"bid_no": "B-1", "ground": "before_deadline"}
    less = happened("trading.bid.withdrawn", "2026-03-23T11:00:00", 20, **gone)
    before, after = leads(LAW.fold(ring)), leads(LAW.fold([*ring, less]))
    assert [lead[:2] for lead in before] == [lead[:2] for lead in after]
    assert {tuple(evidence["bids"]) for *_, evidence in after} == {("B-2", "B-3")}
