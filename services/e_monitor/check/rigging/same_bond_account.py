"""CN40-6a 投标保证金从同一账户转出: bonds of different bidders came from one account.

Basis: 招标投标法实施条例 art. 40(6), 不同投标人的投标保证金从同一单位或者个人的账户转出.
Guard: a guarantor's or insurer's account serves everyone, so a guarantee is held by the account of
its applicant, and as that is not the transfer of a bond, at a lower tier. Two accounts of one
holder are not seen here. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from libs.common.law.survey import Outcome
from services.e_monitor.check.rigging.bids import Bid, Bids, Mark
from services.e_monitor.check.rigging.sharing import (
    Look,
    Shared,
    bearers,
    outcome,
    several_keys,
)

PAID: Final = "bond_accounts"
APPLIED: Final = "bond_applicant_accounts"


def same_bond_account(rows: Mapping[str, Any], parameters: Mapping[str, Any]) -> Outcome:
    """Leads for each account that bonds of strangers on one lot came from.

    Parameters: `transferred`, forms of bond that leave the bidder's account; `guaranteed`, those
    that a third party answers for; `unpaid`, those without any account; `tier`, and
    `tier_guaranteed` where it takes a guarantee's applicant to make two.
    """
    forms = dict.fromkeys(parameters["transferred"], PAID)
    forms |= dict.fromkeys(parameters["guaranteed"], APPLIED)

    def paid(bid: Bid) -> Sequence[Mark]:
        return bid.marks(PAID) if forms.get(bid.row.get("bond_form", "")) == PAID else ()

    def any_account(bid: Bid) -> Sequence[Mark]:
        kind = forms.get(bid.row.get("bond_form", ""))
        return bid.marks(kind) if kind else ()

    def look(_bids: Bids, lot: Sequence[Bid]) -> Look:
        firm = {mark["hash"] for mark, _ in bearers(lot, paid)}
        found = [
            Shared(
                lot[0].lot,
                PAID,
                mark,
                group,
                parameters["tier" if mark["hash"] in firm else "tier_guaranteed"],
                {"forms": sorted({bid.row["bond_form"] for bid in group})},
            )
            for mark, group in bearers(lot, any_account)
        ]
        missing = [name for bid in lot for name in _missing(bid, forms, parameters["unpaid"])]
        accounts = (mark for bid in lot for mark in any_account(bid))
        return Look(found, missing + several_keys(PAID, accounts))

    return outcome(rows, look)


def _missing(bid: Bid, forms: Mapping[str, str], unpaid: Sequence[str]) -> list[str]:
    """What is not known of a bid's bond."""
    form = bid.row.get("bond_form")
    if form in unpaid:
        return []
    kind = forms.get(form or "")
    if kind is None:
        return [f"{bid.number}/bond_form"]
    return [] if bid.marks(kind) else [f"{bid.number}/{kind}"]
