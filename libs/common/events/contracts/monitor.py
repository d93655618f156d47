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


Cause = Annotated[Code, Codes(("window", "department", "applicant", "excluded_time", "outage"))]
"""What held the step up (延误原因): who it was with, or why the time should not have counted."""


class FindingAssigned(Payload, type="cn.sunlight.monitor.finding.assigned.v1"):
    """The office was asked to answer for a finding, by a day (交办)."""

    finding_id: Code
    rule: Code
    about: Code
    answer_by: Instant


class FindingAnswered(Payload, type="cn.sunlight.monitor.finding.answered.v1"):
    """The office answered: what held it up, or that the clock is wrong (说明)."""

    finding_id: Code
    rule: Code
    about: Code
    claim: Annotated[Code, Codes(("delay", "clock_wrong"))]
    cause: Cause
    statement: Annotated[str, Field(min_length=1, max_length=300)] = Field(
        description="the office's own words for the public: of the matter, never of a person"
    )


class FindingCorrected(Payload, type="cn.sunlight.monitor.finding.corrected.v1"):
    """The office says that the matter was set right (整改)."""

    finding_id: Code
    rule: Code
    about: Code


class FindingVerified(Payload, type="cn.sunlight.monitor.finding.verified.v1"):
    """A second person of another office found the matter set right (核验)."""

    finding_id: Code
    rule: Code
    about: Code


class FindingWaived(Payload, type="cn.sunlight.monitor.finding.waived.v1"):
    """Nobody is asked to answer, for a reason that is on record and counted (免予处置)."""

    finding_id: Code
    rule: Code
    about: Code
    reason: Annotated[Code, Codes(("force_majeure", "outage", "applicant", "law_unclear"))]


class FindingEscalated(Payload, type="cn.sunlight.monitor.finding.escalated.v1"):
    """Handed up with a proposal (监察建议)."""

    finding_id: Code
    rule: Code
    about: Code
