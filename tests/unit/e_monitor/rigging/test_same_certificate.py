"""CN40-2c: 招标投标法实施条例 40(2), one unit or person handling the bids of different bidders."""

import pytest

from libs.common.events import Event
from libs.common.law.survey import Clear, Finding, Outcome, Undetermined
from tests.unit.e_monitor.rigging.making import FIRMS, bid, mark, told


def judged(*bids: Event) -> Outcome:
    return told("CN40-2c", *bids)


def handled(number: int, certificate: str, account: str, *, shared: bool = False) -> Event:
    return bid(
        number,
        certificates=[mark(certificate, shared=shared)],
        accounts=[mark(account, shared=shared)],
    )


@pytest.mark.parametrize(
    ("second", "kind"), [(("a", "y"), "certificates"), (("b", "x"), "accounts")]
)
def test_one_certificate_or_account_of_two_bidders_is_a_lead(
    second: tuple[str, str], kind: str
) -> None:
    outcome = judged(handled(1, "a", "x"), handled(2, *second))
    assert isinstance(outcome, Finding)
    (lead,) = outcome.leads
    assert (lead.evidence["tier"], lead.evidence["mark"]) == ("A", kind)
    assert lead.evidence["bidders"] == FIRMS[1:3]


def test_certificate_and_account_in_common_are_two_leads() -> None:
    outcome = judged(handled(1, "a", "x"), handled(2, "a", "x"))
    assert isinstance(outcome, Finding)
    assert len(outcome.leads) == 2


def test_a_certificate_is_not_held_against_an_account() -> None:
    assert judged(handled(1, "a", "b"), handled(2, "b", "a")) == Clear()


def test_a_terminal_of_the_hall_is_no_lead() -> None:
    bids = [handled(1, "a", "x", shared=True), handled(2, "a", "x", shared=True)]
    assert judged(*bids) == Clear()


def test_a_consortium_is_no_stranger_to_its_member() -> None:
    consortium = bid(
        1, members=[FIRMS[1], FIRMS[2]], certificates=[mark("a")], accounts=[mark("x")]
    )
    assert judged(consortium, handled(2, "a", "x")) == Clear()


def test_a_stranger_beside_a_consortium_and_its_member_makes_a_lead() -> None:
    consortium = bid(
        1, members=[FIRMS[1], FIRMS[2]], certificates=[mark("a")], accounts=[mark("x")]
    )
    outcome = judged(consortium, handled(2, "a", "y"), handled(3, "a", "z"))
    assert isinstance(outcome, Finding)
    assert outcome.leads[0].evidence["bids"] == ["B-1", "B-2", "B-3"]


def test_a_bid_without_account_is_undetermined() -> None:
    outcome = judged(handled(1, "a", "x"), bid(2, certificates=[mark("b")]))
    assert outcome == Undetermined(("B-2/accounts",))


def test_a_tender_with_one_bidder_is_clear() -> None:
    assert judged(handled(1, "a", "x")) == Clear()
