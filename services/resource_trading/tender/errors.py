"""Refusals that only tenders know, with their sentences in both languages."""

from collections.abc import Sequence

from libs.common.web.errors import Conflict, Refused
from services.resource_trading.law import Breach
from services.resource_trading.metrics import REFUSALS


class StepNotPossible(Conflict):
    """409: the transition table has no such step from where the tender stands."""

    code = "step_not_possible"
    zh = "项目处于“{state}”状态,不能办理“{action}”"
    en = "The tender is {state}; {action} is not possible from there"


class TenderExists(Conflict):
    """409: the number is taken."""

    code = "tender_exists"
    zh = "招标编号 {ref} 已经存在"
    en = "There is a tender {ref} already"


class ObjectionUnknown(Conflict):
    """409: the objection is not open, or its number is taken."""

    code = "objection_state"
    zh = "异议 {objection_no} 的状态不允许这一步"
    en = "Objection {objection_no} is not in a state for this step"


class LawRefused(Refused):
    """422: a rule forbids the step; names each rule, and the article of the first."""

    zh = "依法不能办理:{reason}"
    en = "The law does not allow this: {reason}"

    def __init__(self, action: str, breaches: Sequence[Breach]) -> None:
        for breach in breaches:
            REFUSALS.labels(action, breach.rule).inc()
        first = breaches[0]
        super().__init__(
            errors=[("", {"zh": f"{b.rule} {b.zh}", "en": f"{b.rule} {b.en}"}) for b in breaches],
            law=first.law,
            reason={"zh": first.zh, "en": first.en},
        )
