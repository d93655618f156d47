"""What a post may do at the trading service."""

from typing import Literal

Duty = Literal["tenderer", "centre"]
"""招标人 (or its agency) for its own tenders; 交易中心 for every tender of its region."""
Reading = Literal["tender.read", "lead.read"]
"""Reading tenders, and the monitor's leads on them."""
