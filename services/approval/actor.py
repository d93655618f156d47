"""What a post may do at the approval service."""

from typing import Literal

from libs.common.identity.actor import Actor

__all__ = ["Actor", "Duty"]

Duty = Literal["window", "approver"]
"""窗口 takes in, accepts and hands out; 审批 pauses, extends and decides."""
