"""The leads on one tender, for supervisors. Only reads.

A lead is a hint to look and never public: whoever shows these has asked who looks.
"""

from __future__ import annotations

from typing import Final

from libs.common.db.engine import Connection
from libs.common.law.fold import Fold
from libs.common.law.rule import Pattern
from services.e_monitor.check.rigging import RIGGING
from services.e_monitor.finding import reading
from services.e_monitor.finding.reading import Filter, Finding
from services.e_monitor.finding.sight import Sight

AT_MOST: Final = 1000


async def leads_of(connection: Connection, within: Sight, law: Fold, subject: str) -> list[Finding]:
    """The leads on bid rigging that stand on a tender (`tender/<no>` or `tender/<no>/<lot>`).

    By tier (A a fact that the regulation names, B a trace), then rule; who shares what stands in
    `evidence["seen"]`: `tier, lot, mark, shown, bidders, bids, since`.
    """
    rules = {rule.id for rule in law.book.rules if _of_rigging(rule)}
    found = await reading.page(connection, within, Filter(subject=subject), None, AT_MOST)
    leads = [finding for finding in found if finding.rule in rules]
    return sorted(
        leads, key=lambda lead: (lead.evidence["seen"]["tier"], lead.rule, lead.occurrence)
    )


def _of_rigging(rule: object) -> bool:
    return isinstance(rule, Pattern) and rule.detector in RIGGING
