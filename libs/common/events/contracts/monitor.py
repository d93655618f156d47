"""Events of electronic monitoring (电子监察): findings, never a change of a case."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.common.events.payload import Code, Codes, Instant, Payload

Stage = Annotated[Code, Codes(("detected", "yellow", "red"))]
Severity = Annotated[Code, Codes(("info", "yellow", "red", "lead"))]


class FindingDetected(Payload, type="cn.sunlight.monitor.finding.detected.v1"):
    """A finding came to stand, or reached a higher stage (监察发现)."""

    finding_id: Code
    rule: Code
    rule_version: Code
    about: Code = Field(description="the subject the finding is about")
    about_type: Code | None = None
    occurrence: Annotated[int, Field(ge=1)]
    stage: Stage
    severity: Severity
    occurred_at: Instant
    over: Annotated[int, Field(ge=0)] | None = None
    unit: Code | None = None
    paused: bool | None = None
    public: bool = Field(False, description="a process fact that disclosure may publish")


class FindingRescinded(Payload, type="cn.sunlight.monitor.finding.rescinded.v1"):
    """A finding no longer holds; it stays on record with the reason (撤销)."""

    finding_id: Code
    rule: Code
    about: Code
    reason: Code


class FindingClosed(Payload, type="cn.sunlight.monitor.finding.closed.v1"):
    """The matter was set right and closed (对账销号)."""

    finding_id: Code
    rule: Code
    about: Code
