"""CN40-1a 文件创建标识码相同: files of different bidders were made in one place.

Basis: 招标投标法实施条例 art. 40(1), 不同投标人的投标文件由同一单位或者个人编制.
That an equal creation id shows it is the practice of trading centres, not the statute's word.
Guard: ids of the tenderer's or its agency's own documents, which every bidder copies, are
subtracted; where they are not known the tier is lower. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from libs.common.law.survey import Outcome
from services.e_monitor.check.rigging.bids import Bid, Bids, Mark
from services.e_monitor.check.rigging.sharing import Look, Shared, bearers, outcome, unknown

KIND = "creation_ids"


def same_file(rows: Mapping[str, Any], parameters: Mapping[str, Any]) -> Outcome:
    """Leads for each creation id that strangers' files of one lot bear.

    Parameters: `tier`, `tier_without_template`, and `ignore`, hashes of ids that a bid-writing
    program gives to every file.
    """

    def look(bids: Bids, lot: Sequence[Bid]) -> Look:
        templates = bids.templates(lot[0].lot)
        left_out = frozenset(parameters["ignore"]) | (templates or frozenset())

        def own(bid: Bid) -> list[Mark]:
            return [mark for mark in bid.marks(KIND) if mark["hash"] not in left_out]

        tier = parameters["tier" if templates is not None else "tier_without_template"]
        more = {} if templates is not None else {"template": "unknown"}
        found = [
            Shared(lot[0].lot, KIND, mark, group, tier, more) for mark, group in bearers(lot, own)
        ]
        return Look(found, unknown(lot, KIND))

    return outcome(rows, look)
