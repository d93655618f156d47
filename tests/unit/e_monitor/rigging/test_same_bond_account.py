"""CN40-6a: 招标投标法实施条例 40(6), bonds of different bidders from one account."""

from typing import Any

import pytest

from libs.common.events import Event
from libs.common.law.survey import Clear, Finding, Outcome, Undetermined
from tests.unit.e_monitor.rigging.making import FIRMS, bid, mark, told


def judged(*bids: Event) -> Outcome:
    return told("CN40-6a", *bids)


def paid(number: int, letter: str, form: str = "transfer", **data: Any) -> Event:
    return bid(number, bond_form=form, bond_accounts=[mark(letter)], **data)


def guaranteed(number: int, guarantor: str, applicant: str, form: str = "guarantee") -> Event:
    return paid(number, guarantor, form, bond_applicant_accounts=[mark(applicant)])


@pytest.mark.parametrize("form", ["transfer", "cheque"])
def test_two_bonds_from_one_account_are_a_lead_of_tier_a(form: str) -> None:
    outcome = judged(paid(1, "a"), paid(2, "a", form), paid(3, "b"))
    assert isinstance(outcome, Finding)
    (lead,) = outcome.leads
    assert (lead.evidence["tier"], lead.evidence["bidders"]) == ("A", FIRMS[1:3])
    assert lead.evidence["forms"] == sorted({"transfer", form})


@pytest.mark.parametrize("form", ["guarantee", "insurance"])
def test_one_guarantor_of_all_is_no_lead(form: str) -> None:
    assert judged(guaranteed(1, "g", "a", form), guaranteed(2, "g", "b", form)) == Clear()


@pytest.mark.parametrize("other", [guaranteed(2, "h", "a"), paid(2, "a")])
def test_an_applicant_who_pays_for_another_is_a_lead_of_tier_b(other: Event) -> None:
    outcome = judged(guaranteed(1, "g", "a"), other)
    assert isinstance(outcome, Finding)
    assert [lead.evidence["tier"] for lead in outcome.leads] == ["B"]


def test_a_transfer_to_the_guarantors_account_number_is_not_mixed_up_with_it() -> None:
    assert judged(guaranteed(1, "g", "a"), paid(2, "g")) == Clear()


def test_two_transfers_keep_tier_a_beside_a_guarantee() -> None:
    outcome = judged(paid(1, "a"), paid(2, "a"), guaranteed(3, "g", "a"))
    assert isinstance(outcome, Finding)
    (lead,) = outcome.leads
    assert (lead.evidence["tier"], lead.evidence["bids"]) == ("A", ["B-1", "B-2", "B-3"])


def test_a_guarantee_whose_applicant_is_not_known_is_undetermined() -> None:
    outcome = judged(paid(1, "a"), paid(2, "g", "guarantee"))
    assert outcome == Undetermined(("B-2/bond_applicant_accounts",))


def test_a_bond_of_unknown_form_is_undetermined() -> None:
    outcome = judged(paid(1, "a"), bid(2, bond_accounts=[mark("a")]))
    assert outcome == Undetermined(("B-2/bond_form",))


def test_bidders_without_a_bond_to_pay_are_clear() -> None:
    assert judged(bid(1, bond_form="exempt"), bid(2, bond_form="cash")) == Clear()


def test_a_tender_with_one_bidder_is_clear() -> None:
    assert judged(paid(1, "a")) == Clear()


def test_different_accounts_are_clear() -> None:
    assert judged(paid(1, "a"), paid(2, "b")) == Clear()
