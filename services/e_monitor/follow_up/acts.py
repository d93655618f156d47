"""What may be done about a finding: each act's name, what it takes and who does it.

The one list that the HTTP face and the pages go by. Must never decide whether an act is possible:
`policy` does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from libs.common.web import acts
from services.e_monitor.follow_up import schemas, service
from services.e_monitor.follow_up.model import FollowUp
from services.e_monitor.follow_up.service import Step

Act: TypeAlias = acts.Act[Callable[[Step, Any, ZoneInfo], Awaitable[FollowUp]]]
"""`do` takes the city's zone as well."""

ACTS: Final = (
    Act("assign", "交办: ask the office to answer by a day.", schemas.Assign, service.assign),
    Act("answer", "说明, or that the clock is wrong.", schemas.Answer, service.answer),
    Act("return", "退回: the answer is not enough.", schemas.Assign, service.assign),
    Act("correct", "整改.", schemas.Explained, service.correct),
    Act("verify", "核验, by a second person of another office.", schemas.Say, service.verify),
    Act("close", "对账销号.", schemas.Say, service.close),
    Act("waive", "免予处置, with a reason that is counted.", schemas.Waive, service.waive),
    Act("escalate", "移送.", schemas.Explained, service.escalate),
    Act("rescind", "撤销: the clock or the data were wrong.", schemas.Rescind, service.rescind),
)
BY_NAME: Final = {act.name: act for act in ACTS}
