"""The steps of a case's flow (流程环节): which are to come, which run, which are done.

Read from the item's version and the case's own history. Must never judge whether a step was
in time: the monitor does, from the events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from libs.common.events.contracts.approval import CaseStepEnded, CaseStepStarted
from libs.common.law.instants import from_micros

_STARTED: Final = CaseStepStarted.event_type
_ENDED: Final = CaseStepEnded.event_type


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A step: its limit where it has one, and when it last began and ended."""

    name: str
    limit: int | None = None
    unit: str | None = None
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def runs(self) -> bool:
        """Begun and not ended."""
        return self.started is not None and self.ended is None


def flow_of(steps: Sequence[Mapping[str, Any]], history: Sequence[Sequence[Any]]) -> list[FlowStep]:
    """The steps of the item in their order, then others that were recorded, in theirs.

    `steps`: name, limit and unit of each, as the item's version has them.
    """
    planned = [FlowStep(one["name"], one.get("limit"), one.get("unit")) for one in steps]
    found = {step.name: step for step in planned}
    for kind, at, told in history:
        name = told.get("step")
        if kind not in {_STARTED, _ENDED} or name is None:
            continue
        step = found.get(name, FlowStep(name, told.get("step_limit"), told.get("step_unit")))
        moment = from_micros(at)
        started, ended = (moment, None) if kind == _STARTED else (step.started, moment)
        found[name] = FlowStep(name, step.limit, step.unit, started, ended)
    return list(found.values())


def next_steps(flow: Sequence[FlowStep]) -> list[FlowStep]:
    """Those that may begin: every one that does not run, those not yet begun first."""
    still = [step for step in flow if not step.runs]
    return sorted(still, key=lambda step: step.started is not None)


def running(flow: Sequence[FlowStep]) -> list[FlowStep]:
    """Those that may end."""
    return [step for step in flow if step.runs]
