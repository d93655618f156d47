"""CN40-1a: 招标投标法实施条例 40(1), files of different bidders made by one unit or person."""

import pytest

from libs.common.events import Event
from libs.common.law.survey import Clear, Finding, Outcome, Undetermined
from services.e_monitor.check import DETECTORS
from tests.unit.common.law.making import happened
from tests.unit.e_monitor.rigging.making import FIRMS, bid, mark, opened, rows_of, told


def judged(*bids: Event, count: int | None = None, more: tuple[Event, ...] = ()) -> Outcome:
    return told("CN40-1a", *bids, count=count, more=more)


def template(letter: str) -> Event:
    return happened("trading.tender.documents-marked", "2026-03-05", 3, creation_ids=[mark(letter)])


def test_two_bidders_with_one_creation_id_are_a_lead_that_names_them_and_the_masked_mark() -> None:
    outcome = judged(
        bid(1, creation_ids=[mark("a")]),
        bid(2, creation_ids=[mark("b")]),
        bid(3, creation_ids=[mark("a")]),
    )
    assert isinstance(outcome, Finding)
    (lead,) = outcome.leads
    assert lead.evidence == {
        "tier": "B",
        "mark": "creation_ids",
        "shown": "…aaaa",
        "bidders": [FIRMS[1], FIRMS[3]],
        "bids": ["B-1", "B-3"],
        "since": "2026-03-23T02:04:00+00:00",
        "template": "unknown",
    }


def test_with_the_tenderers_documents_known_the_tier_is_a() -> None:
    outcome = judged(
        bid(1, creation_ids=[mark("a"), mark("t")]),
        bid(2, creation_ids=[mark("a"), mark("t")]),
        more=(template("t"),),
    )
    assert isinstance(outcome, Finding)
    assert [(lead.evidence["tier"], lead.evidence["shown"]) for lead in outcome.leads] == [
        ("A", "…aaaa")
    ]


def test_the_id_of_the_tenderers_own_documents_is_subtracted() -> None:
    bids = [bid(n, creation_ids=[mark("t")]) for n in (1, 2, 3)]
    assert judged(*bids, more=(template("t"),)) == Clear()


def test_an_id_known_to_serve_many_is_no_lead() -> None:
    bids = [bid(1, creation_ids=[mark("a", shared=True)]), bid(2, creation_ids=[mark("a")])]
    assert judged(*bids) == Clear()


def test_ids_that_differ_are_clear() -> None:
    assert judged(bid(1, creation_ids=[mark("a")]), bid(2, creation_ids=[mark("b")])) == Clear()


def test_a_consortium_is_no_stranger_to_its_member() -> None:
    consortium = bid(1, members=[FIRMS[1], FIRMS[2]], creation_ids=[mark("a")])
    assert judged(consortium, bid(2, creation_ids=[mark("a")])) == Clear()


def test_two_bids_of_one_bidder_are_no_lead() -> None:
    again = bid(2, bidder=FIRMS[1], creation_ids=[mark("a")])
    assert judged(bid(1, creation_ids=[mark("a")]), again) == Clear()


def test_the_same_firms_on_different_lots_are_no_lead() -> None:
    outcome = judged(
        bid(1, lot="L1", creation_ids=[mark("a")]), bid(2, lot="L2", creation_ids=[mark("a")])
    )
    assert outcome == Clear()


def test_a_tender_with_one_bidder_is_clear() -> None:
    assert judged(bid(1)) == Clear()


def test_a_bid_without_an_id_is_undetermined_and_named() -> None:
    outcome = judged(bid(1, creation_ids=[mark("a")]), bid(2))
    assert outcome == Undetermined(("B-2/creation_ids",))


def test_fewer_bids_than_were_opened_are_undetermined() -> None:
    assert judged(bid(1, creation_ids=[mark("a")]), count=3) == Undetermined(("bids",))


def test_marks_of_different_keys_are_undetermined() -> None:
    outcome = judged(
        bid(1, creation_ids=[mark("a")]), bid(2, creation_ids=[mark("a", key="other")])
    )
    assert outcome == Undetermined(("creation_ids under one key",))


def test_a_lead_stands_though_another_bids_id_is_missing() -> None:
    shared = [bid(n, creation_ids=[mark("a")]) for n in (1, 2)]
    assert isinstance(judged(*shared, bid(3)), Finding)


def test_before_the_opening_nothing_is_said() -> None:
    rows = rows_of([bid(n, creation_ids=[mark("a")]) for n in (1, 2)])
    survey = DETECTORS["same_file"]
    assert survey.evaluate(rows, {}) == Undetermined(("opened",))  # type: ignore[union-attr]


@pytest.mark.parametrize(("count", "outcome"), [(0, Clear()), (None, Undetermined(("bids",)))])
def test_an_opening_without_a_bid_on_record_is_clear_only_if_it_had_none(
    count: int | None, outcome: Outcome
) -> None:
    rows = rows_of([opened(count)])
    survey = DETECTORS["same_file"]
    assert survey.evaluate(rows, {}) == outcome  # type: ignore[union-attr]


def test_a_longer_ring_is_the_same_lead() -> None:
    two = judged(*(bid(n, creation_ids=[mark("a")]) for n in (1, 2)))
    three = judged(*(bid(n, creation_ids=[mark("a")]) for n in (1, 2, 3)))
    assert isinstance(two, Finding)
    assert isinstance(three, Finding)
    assert [lead.occurrence for lead in two.leads] == [lead.occurrence for lead in three.leads]


def test_occurrences_fit_the_address_of_their_page() -> None:
    outcome = judged(*(bid(n, creation_ids=[mark(letter) for letter in "abcdef"]) for n in (1, 2)))
    assert isinstance(outcome, Finding)
    numbers = [lead.occurrence for lead in outcome.leads]
    assert len(set(numbers)) == 6
    assert all(1 <= number <= 100_000 for number in numbers)
