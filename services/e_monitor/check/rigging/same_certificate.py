"""CN40-2c 同一数字证书或者账号: different bidders had one unit or person handle their bids.

Basis: 招标投标法实施条例 art. 40(2), 不同投标人委托同一单位或者个人办理投标事宜.
A certificate is compared with certificates and an account with accounts, on one lot. Guard: a mark
recorded as shared (a hall's own terminal) says nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from libs.common.law.survey import Outcome
from services.e_monitor.check.rigging.bids import Bid, Bids, Mark
from services.e_monitor.check.rigging.sharing import Look, Shared, bearers, outcome, unknown


def same_certificate(rows: Mapping[str, Any], parameters: Mapping[str, Any]) -> Outcome:
    """Leads for each certificate or account that strangers of one lot used.

    Parameters: `tier`, and `kinds`, which marks to compare.
    """

    def look(_bids: Bids, lot: Sequence[Bid]) -> Look:
        found: list[Shared] = []
        missing: list[str] = []
        for kind in parameters["kinds"]:

            def of_kind(bid: Bid, kind: str = kind) -> Sequence[Mark]:
                return bid.marks(kind)

            found += [
                Shared(lot[0].lot, kind, mark, group, parameters["tier"])
                for mark, group in bearers(lot, of_kind)
            ]
            missing += unknown(lot, kind)
        return Look(found, missing)

    return outcome(rows, look)
