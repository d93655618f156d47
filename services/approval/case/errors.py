"""Refusals that only cases know, with their sentences in both languages."""

from libs.common.web.errors import Conflict


class StepNotPossible(Conflict):
    """409: the transition table has no such step from where the case stands."""

    code = "step_not_possible"
    zh = "办件处于“{state}”状态,不能办理“{action}”"
    en = "The case is {state}; {action} is not possible from there"
