"""What a post may do at the trading service."""

from typing import Literal

from libs.common.identity.actor import Actor

__all__ = ["Actor", "Duty"]

Duty = Literal["tenderer", "centre"]
"""招标人 (or its agency) for its own tenders; 交易中心 for every tender of its region."""
