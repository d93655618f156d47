"""Refusals that only cases know, with their sentences in both languages."""

from collections.abc import Sequence

from libs.common.web.errors import Conflict, Refused
from services.approval.law import Breach
from services.approval.metrics import REFUSALS


class StepNotPossible(Conflict):
    """409: the transition table has no such step from where the case stands."""

    code = "step_not_possible"
    zh = "办件处于“{state}”状态,不能办理“{action}”"
    en = "The case is {state}; {action} is not possible from there"


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
