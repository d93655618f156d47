"""What a post may do at the approval service."""

from typing import Literal

Duty = Literal["window", "approver", "registrar"]
"""窗口 takes in, accepts and hands out; 审批 pauses, extends and decides; 登记 keeps bodies, posts
and items."""
