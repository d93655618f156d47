"""Valid events for the disclosure tests, with keyword overrides."""

import json
from datetime import UTC, datetime
from typing import Any

from libs.common.events import Event, decode, encode, recorded_id

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
BODY = "91990100MA0000001G"
"""A well-formed 统一社会信用代码 of nobody."""
IDENTITY = "11010519491231002X"
"""The specimen number of GB 11643-1999."""
MOBILE = "13800138000"


def event(
    kind: str, subject: str, sequence: int, data: dict[str, Any] | None = None, **attributes: Any
) -> Event:
    """The event `cn.sunlight.<kind>.v1` as a consumer reads it."""
    name = f"cn.sunlight.{kind}.v1"
    stated: dict[str, Any] = {
        "id": recorded_id("test", subject, f"{name}/{sequence}"),
        "type": name,
        "source": "/990100/test",
        "subject": subject,
        "time": AT,
        "recordedtime": AT,
        "sequence": sequence,
        "data": json.loads(json.dumps(data or {})),
        "region": "990100",
        "department": "office-1",
    }
    return decode(encode(Event(**{**stated, **attributes})))


def tender(sequence: int = 1, **attributes: Any) -> Event:
    """A tender notice, with an estimated price that must stay out."""
    subject = attributes.pop("subject", "tender/T-2026-001")
    data = {
        "tender_no": subject.partition("/")[2],
        "kind": "works",
        "documents_from": "2026-03-02T09:00:00+08:00",
        "bid_deadline": "2026-03-25T09:00:00+08:00",
        "estimated_price": 987_654_321,
        "bid_bond": 1_000_000,
    }
    return event("trading.tender.published", subject, sequence, data, **attributes)


def received(subject: str = "case/C-1", item_type: str | None = "行政许可") -> Event:
    """An application for item A-1."""
    data = {"case_no": subject.partition("/")[2], "item_code": "A-1", "item_type": item_type}
    told = {name: value for name, value in data.items() if value is not None}
    return event("approval.case.received", subject, 1, told)


def decided(
    subject: str = "case/C-1", sequence: int = 2, outcome: str = "granted", **attributes: Any
) -> Event:
    """A decision, with a licence number that must stay out."""
    data = {"outcome": outcome, "licence_no": "LIC-77"}
    return event("approval.case.decided", subject, sequence, data, **attributes)


def detected(finding: str = "f-1", sequence: int = 1, **data: Any) -> Event:
    """A public finding that a case passed its limit of APV-010."""
    told = {
        "finding_id": finding,
        "rule": "APV-010",
        "rule_version": "2004-07-01/1",
        "about": "case/C-1",
        "occurrence": 1,
        "stage": "detected",
        "severity": "info",
        "occurred_at": "2026-03-01T16:00:00Z",
        "public": True,
    }
    attributes = data.pop("attributes", {})
    return event(
        "monitor.finding.detected", f"finding/{finding}", sequence, {**told, **data}, **attributes
    )


def ended(how: str, finding: str = "f-1", sequence: int = 2) -> Event:
    """A finding `rescinded` or `closed`."""
    data = {"finding_id": finding, "rule": "APV-010", "about": "case/C-1", "reason": "late-event"}
    return event(f"monitor.finding.{how}", f"finding/{finding}", sequence, data)


def follow_up(how: str, sequence: int, finding: str = "f-1", **data: Any) -> Event:
    """A finding `assigned`, `answered`, `corrected`, `verified`, `closed`, `waived`."""
    attributes = data.pop("attributes", {})
    told = {"finding_id": finding, "rule": "APV-010", "about": "case/C-1", **data}
    return event(f"monitor.finding.{how}", f"finding/{finding}", sequence, told, **attributes)


def assigned(sequence: int = 2, answer_by: datetime = AT, **data: Any) -> Event:
    """A finding that its office is to answer until `answer_by`."""
    return follow_up("assigned", sequence, answer_by=answer_by.isoformat(), **data)


def answered(sequence: int = 3, statement: str = "材料核查用时较长", **data: Any) -> Event:
    """A finding with its office's answer."""
    told = {"claim": "delay", "cause": "department", "statement": statement}
    return follow_up("answered", sequence, **{**told, **data})
