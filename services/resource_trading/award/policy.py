"""What may be done about the award of a tender, from where, by whom.

The second half of the tender's life; same states, same kind of table. Pure: no database, no clock.
"""

from __future__ import annotations

from typing import Final

from libs.common.events.contracts import trading as events
from libs.common.law.lawful import Breach
from services.resource_trading.tender.policy import (
    Standing,
    State,
    Transition,
    line,
    no_objection_open,
)


def _publicity_over(tender: Standing) -> Breach | None:
    if tender.publicity_until is not None and tender.now > tender.publicity_until:
        return None
    return Breach(
        "publicity-over",
        "中标候选人公示期未满,不能确定中标人",
        "The candidates are still publicised; the winner is determined after that",
        "招标投标法实施条例 54",
    )


def _voluntary(tender: Standing) -> Breach | None:
    if not tender.mandatory:
        return None
    return Breach(
        "candidates-publicised",
        "依法必须招标的项目应当先公示中标候选人",
        "Where tendering is compulsory the candidates are publicised first",
        "招标投标法实施条例 54(1)",
    )


def _a_candidate(tender: Standing) -> Breach | None:
    if not tender.candidates or tender.data.get("winner") in tender.candidates:
        return None
    return Breach(
        "winner-candidate",
        "中标人应当在推荐的中标候选人中确定",
        "The winner is one of the candidates that were recommended",
        "招标投标法 40(2)",
    )


def _not_reported(tender: Standing) -> Breach | None:
    if not tender.reported:
        return None
    zh, en = "书面报告已经提交", "The written report has been filed already"
    return Breach("report-once", zh, en, "招标投标法 47")


def _not_refunded(tender: Standing) -> Breach | None:
    if not tender.refunded:
        return None
    zh, en = "保证金已经退还", "The bonds have been refunded already"
    return Breach("refund-once", zh, en, "招标投标法实施条例 57(2)")


_S = State
_E = events
_T, _TC = "tenderer", "tenderer|centre"
_AFTER = (_S.DECIDED, _S.NOTIFIED, _S.CONTRACTED)
_QUIET = no_objection_open

TRANSITIONS: Final[tuple[Transition, ...]] = (
    line(
        "publicise-candidates",
        (_S.EVALUATED, _S.PUBLICISED),
        _S.PUBLICISED,
        _T,
        _E.AwardCandidatesPublicised,
        _QUIET,
    ),
    line("decide", (_S.EVALUATED,), _S.DECIDED, _T, _E.AwardDecided, _voluntary, _QUIET),
    line(
        "decide",
        (_S.PUBLICISED,),
        _S.DECIDED,
        _T,
        _E.AwardDecided,
        _publicity_over,
        _a_candidate,
        _QUIET,
    ),
    line("issue-notice", (_S.DECIDED,), _S.NOTIFIED, _T, _E.AwardNoticeIssued, _QUIET),
    line("report", _AFTER, None, _T, _E.AwardReported, _not_reported),
    line("sign-contract", (_S.NOTIFIED,), _S.CONTRACTED, _T, _E.AwardContractSigned, _QUIET),
    line("refund-bonds", (_S.CONTRACTED,), None, _TC, _E.AwardBondsRefunded, _not_refunded),
)
