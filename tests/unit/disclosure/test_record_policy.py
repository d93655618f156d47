"""Which event becomes which record, and what never gets out."""

from typing import Any

import pytest

from libs.common.events import CONTRACTS, Event
from libs.common.events.contracts.disclosure import RecordPublished
from services.disclosure.persons import names_a_person
from services.disclosure.record.policy import (
    Publication,
    publication,
    remembered,
)
from tests.unit.disclosure.events import (
    BODY,
    IDENTITY,
    MOBILE,
    decided,
    detected,
    event,
    received,
    tender,
)


def last(*events: Event) -> Publication | None:
    """What the last of a subject's events makes public."""
    known: dict[str, Any] = {}
    for item in events:
        known = remembered(known, item)
    return publication(events[-1], known)


def shown(*events: Event) -> Publication:
    found = last(*events)
    assert found is not None
    return found


def award(name: str, **data: Any) -> Event:
    return event(f"trading.award.{name}", "tender/T-2026-001", 2, data)


def test_a_tender_notice_names_its_dates_and_its_article() -> None:
    found = shown(tender())
    assert (found.kind, found.ground) == ("tender_notice", "招标投标法 16")
    assert found.facts["tender_no"] == "T-2026-001"
    assert found.facts["bid_deadline"] == "2026-03-25T09:00:00+08:00"
    assert found.facts["trade"] == "works"


def test_the_estimated_price_stays_out_as_it_may_be_the_sealed_base_price() -> None:
    assert "987654321" not in str(shown(tender()).facts)


def test_government_procurement_is_published_under_its_own_law() -> None:
    found = shown(tender(regime="政府采购法"))
    assert found.ground == "政府采购法 11"


def test_a_clarification_is_a_notice_with_the_new_deadline() -> None:
    change = event(
        "trading.tender.clarified",
        "tender/T-2026-001",
        2,
        {"affects_preparation": True, "bid_deadline": "2026-04-01T09:00:00+08:00"},
    )
    found = shown(tender(), change)
    assert found.kind == "tender_notice"
    assert found.facts == {
        "tender_no": "T-2026-001",
        "notice": "clarified",
        "affects_preparation": True,
        "bid_deadline": "2026-04-01T09:00:00+08:00",
    }


def test_a_terminated_tender_is_announced_without_its_ground() -> None:
    end = event("trading.tender.terminated", "tender/T-2026-001", 2, {"ground": "too-few"})
    found = shown(tender(), end)
    assert found.ground == "招标投标法实施条例 31"
    assert found.facts == {"tender_no": "T-2026-001", "notice": "terminated"}


def test_candidates_are_shown_by_rank_price_and_credit_code() -> None:
    found = shown(
        award(
            "candidates-publicised",
            publicity_from="2026-03-27T00:00:00+08:00",
            publicity_until="2026-03-30T00:00:00+08:00",
            candidates=[{"rank_no": 1, "party": BODY, "price": 500}],
        )
    )
    assert (found.kind, found.ground) == ("candidates", "招标投标法实施条例 54")
    assert found.facts["candidates"] == [{"rank_no": 1, "party": BODY, "price": 500}]


@pytest.mark.parametrize("party", [IDENTITY, MOBILE, "张三", "P-17"])
def test_a_candidate_that_is_no_registered_body_loses_its_code(party: str) -> None:
    found = shown(
        award(
            "candidates-publicised",
            publicity_from="2026-03-27T00:00:00+08:00",
            publicity_until="2026-03-30T00:00:00+08:00",
            candidates=[{"rank_no": 1, "party": party, "price": 500}],
        )
    )
    assert found.facts["candidates"] == [{"rank_no": 1, "price": 500}]


def test_an_award_names_winner_and_price() -> None:
    found = shown(award("decided", winner=BODY, award_price=500))
    assert found.kind == "award"
    assert found.facts == {"winner": BODY, "price": 500}


def test_a_winner_known_by_an_identity_number_is_left_out() -> None:
    assert shown(award("decided", winner=IDENTITY, award_price=5)).facts == {"price": 5}


def test_a_signed_contract_is_published_with_its_price_alone() -> None:
    found = shown(award("contract-signed", contract_price=500, performance_bond=50))
    assert (found.kind, found.facts) == ("contract", {"price": 500})


def test_a_granted_licence_is_published_by_item_only() -> None:
    found = shown(received(), decided())
    assert (found.kind, found.ground) == ("decision", "行政许可法 40")
    assert found.facts == {"item_code": "A-1", "outcome": "granted"}


@pytest.mark.parametrize("outcome", ["refused", "partly"])
def test_a_licence_that_is_not_granted_is_not_published(outcome: str) -> None:
    assert last(received(), decided(outcome=outcome)) is None


@pytest.mark.parametrize("item_type", ["行政给付", None])
def test_a_decision_that_is_no_licence_is_not_published(item_type: str | None) -> None:
    assert last(received(item_type=item_type), decided()) is None


def test_a_decision_whose_item_was_never_told_is_not_published() -> None:
    assert last(decided()) is None


def test_a_finding_is_no_record() -> None:
    assert last(detected()) is None


def test_an_unknown_type_is_no_record() -> None:
    assert last(event("trading.tender.sung", "tender/T-2026-001", 1, {"tune": "loud"})) is None


def test_every_kind_published_is_in_the_contract() -> None:
    kinds = RecordPublished.code_fields()["kind"].values
    made = {shown(tender()).kind, shown(received(), decided()).kind}
    made |= {shown(award("decided")).kind, shown(award("contract-signed")).kind}
    assert made <= set(kinds)
    assert RecordPublished.event_type in CONTRACTS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"A-{MOBILE}", True),
        (IDENTITY, True),
        (IDENTITY.lower(), True),
        (f"+86{MOBILE}", True),
        (f"致电 86 {MOBILE}", True),
        ("(+86)138-0013-8000", True),
        ("138 0013 8000", True),
        ("１３８００１３８０００", True),
        ("138\u200b0013\u200b8000", True),
        (f"{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}", True),
        ("110105-1949-1231-002X", True),
        ("T-2026-001", False),
        ("2026-03-24T01:00:00Z 至 2026-03-27T09:30:00Z", False),
        ("0717-6051234", False),
        ("330100202603021380013800099", False),
        ("110105194912310021", False),
        (BODY, False),
    ],
)
def test_a_number_of_a_person_is_told_from_any_other(text: str, *, found: bool) -> None:
    assert names_a_person(text) is found
