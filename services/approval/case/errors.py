"""Refusals that only cases know, with their sentences in both languages."""

from libs.common.web.errors import Conflict


class StepUnderWay(Conflict):
    """409: a step of the flow begins only where it does not run."""

    code = "step_under_way"
    zh = "环节“{step}”正在进行,请先结束"
    en = "The step {step} runs already; end it first"


class StepNotUnderWay(Conflict):
    """409: only a step of the flow that has begun ends."""

    code = "step_not_under_way"
    zh = "环节“{step}”没有开始,不能结束"
    en = "The step {step} has not begun, so it can't end"


class StepNotPossible(Conflict):
    """409: the transition table has no such step from where the case stands."""

    code = "step_not_possible"
    zh = "办件处于“{state}”状态,不能办理“{action}”"
    en = "The case is {state}; {action} is not possible from there"
