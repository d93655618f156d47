"""Refusals that only the handling of findings knows."""

from libs.common.web.errors import Conflict


class StepNotPossible(Conflict):
    """409: the transition table has no such step from where the finding stands."""

    code = "step_not_possible"
    zh = "该发现处于“{status}”状态,不能进行“{action}”"
    en = "The finding is {status}; {action} is not possible from there"
