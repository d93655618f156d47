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


class KeptElsewhere(Conflict):
    """409: an imported tender is history of another system, which alone goes on with it."""

    code = "kept_elsewhere"
    zh = "招标 {ref} 由“{origin}”导入,在该系统办理;变化请再次导入"
    en = "Tender {ref} is imported from {origin}: act there, and import what changed"
