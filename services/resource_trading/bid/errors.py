"""Refusals that only bids know, with their sentences in both languages."""

from libs.common.web.errors import Conflict, Unavailable


class BidsSealed(Conflict):
    """409: before the opening there is nothing to record or to read, nor how many there are."""

    code = "bids_sealed"
    zh = "尚未开标:开标后方可登记和查看投标;电子密封投标功能尚未提供"
    en = "The bids are not opened: they are recorded and read after the opening; sealed submission is not offered yet"  # noqa: E501


class BidExists(Conflict):
    """409: the number is taken."""

    code = "bid_exists"
    zh = "投标编号 {bid_no} 已经存在"
    en = "There is a bid {bid_no} already"


class BidStepNotPossible(Conflict):
    """409: the transition table has no such step from where bid and tender stand."""

    code = "step_not_possible"
    zh = "投标处于“{state}”、项目处于“{tender}”状态,不能办理“{action}”"
    en = "The bid is {state} and the tender {tender}; {action} is not possible from there"


class MarkKeyMissing(Unavailable):
    """503: marks can't be recorded without a key."""

    code = "mark_key_missing"
    zh = "系统未设置标识密钥(TRADING_MARK_KEY),不能登记文件、设备、证书和账户标识"
    en = "TRADING_MARK_KEY is not set; marks of files, devices and accounts can't be recorded"
