"""EMO-031-LATE 补录: a step written down later than its source is allowed.

Basis: 优化营商环境条例 art. 37(2), data are uploaded in time (及时); how late is late the article
does not say, so the number of days is the platform's own: none for the platform's services, what
the settings grant each foreign system. Pure; the allowance is a parameter of the rule.
Must never hold it against an office that another system's history, imported under its name, was
put up late or imported later still.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.common.law.dossier import Check
from libs.common.law.fold import PatternView
from libs.common.law.instants import to_micros
from libs.common.worktime import civil_day
from services.e_monitor.check.allowance import allowance_of


def recorded_late(view: PatternView, parameters: Mapping[str, Any]) -> Check | None:
    """A violated check with both instants, or None.

    Working days are counted from the day it happened, or from the first one after a day off.
    """
    event, fold = view.event, view.fold
    if event.recordedtime <= event.time:
        return None
    allowance = allowance_of(parameters, event)
    if allowance is None:
        return None
    calendar = fold.calendar
    # What happens on a day off can be recorded on the next working day at the earliest.
    happened = calendar.roll_forward(civil_day(event.time, fold.zone))
    recorded = civil_day(event.recordedtime, fold.zone)
    late = calendar.working_days(happened, recorded) - allowance
    if late <= 0:
        return None
    seen = {
        "event": event.type,
        "happened": event.time.isoformat(),
        "recorded": event.recordedtime.isoformat(),
        "allowance": allowance,
        "days_late": late,
    }
    return Check(view.rule.key, 0, "violated", to_micros(event.recordedtime), seen)
