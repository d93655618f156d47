"""Refusals that only tenders know, with their sentences in both languages."""

from libs.common.web.errors import Conflict


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
