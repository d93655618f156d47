"""Making events and small rulebooks for the tests of the law."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from libs.common.events.envelope import Event
from libs.common.law.fold import Detector, Fold, Judged
from libs.common.law.pack import load, packs_in
from libs.common.law.rulebook import Rulebook
from libs.common.worktime import cn_calendar
from tests.needs import ROOT

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = ROOT / "rules"
NATIONAL = load(packs_in(RULES, "national"))
LOCAL = load(packs_in(RULES, "national", "local"))


def local(text: str) -> datetime:
    """An instant given as Shanghai wall time: "2026-03-02" is nine in the morning."""
    naive = datetime.fromisoformat(text if len(text) > 10 else f"{text}T09:00:00")
    return naive.replace(tzinfo=SHANGHAI).astimezone(UTC)


def happened(kind: str, when: str | datetime, sequence: int = 1, **data: Any) -> Event:
    """An event of type cn.sunlight.<kind>.v1, recorded when it happened."""
    time = local(when) if isinstance(when, str) else when
    region = data.pop("region", "990100")
    return Event(
        id=f"{kind}-{sequence}",
        type=f"cn.sunlight.{kind}.v1",
        source="/990100/test",
        subject="subject-1",
        time=time,
        recordedtime=time,
        sequence=sequence,
        data=data,
        region=region,
    )


def history(*events: tuple[str, str] | tuple[str, str, dict[str, Any]]) -> list[Event]:
    """Events of one subject in the order given, numbered from 1."""
    return [
        happened(event[0], event[1], number, **(event[2] if len(event) == 3 else {}))
        for number, event in enumerate(events, start=1)
    ]


LICENCE = {"item_type": "行政许可", "joint": False, "limit_set_by_law": False}


def received(when: str, **data: Any) -> tuple[str, str, dict[str, Any]]:
    """The receipt of a case for a licence that is decided by one body in the general limit."""
    return ("approval.case.received", when, {"case_no": "A1", **LICENCE, **data})


def law(book: Rulebook = NATIONAL, detectors: dict[str, Detector] | None = None) -> Fold:
    """A rulebook with the Chinese calendar and zone."""
    return Fold(book, cn_calendar(), SHANGHAI, detectors or {})


def standing(fold: Fold, events: list[Event], rule: str, at: str) -> list[Judged]:
    """How the clocks of one rule stand at `at`."""
    judged = fold.judged(fold.fold(events), local(at))
    return [found for found in judged if found.rule.id == rule]


def state(fold: Fold, events: list[Event], rule: str, at: str) -> str:
    """The state of the only clock of a rule; "not judged" where it has no reading."""
    (found,) = standing(fold, events, rule, at)
    return found.reading.state if found.reading else "not judged"


def deadline(**fields: Any) -> dict[str, Any]:
    """A deadline of five working days from receipt to decision; overridden by `fields`."""
    return {
        "id": "TST-001",
        "title": {"zh": "试", "en": "Test"},
        "form": "deadline",
        "regime": "test",
        "start": ["cn.sunlight.approval.case.received.v1"],
        "stop": ["cn.sunlight.approval.case.decided.v1"],
        "length": 5,
        "unit": "working_day",
        "law": {"text": "法", "article": "1", "plain": {"zh": "试", "en": "Test"}},
        "effective": {"from": "2020-01-01"},
        "status": "verified",
        **fields,
    }


def guard(**fields: Any) -> dict[str, Any]:
    """A guard on the award; overridden by `fields`."""
    body = deadline(form="guard", on=["cn.sunlight.trading.award.decided.v1"], **fields)
    return {
        name: value
        for name, value in body.items()
        if name not in {"start", "stop", "length", "unit"}
    }


def pattern(**fields: Any) -> dict[str, Any]:
    """A detector of the monitor's on the award; overridden by `fields`."""
    return {**guard(), "form": "pattern", "detector": "pause_misuse", **fields}


def pack(folder: Path, *rules: dict[str, Any], **more: Any) -> Path:
    """A pack file with these rules."""
    path = folder / "pack.yaml"
    path.write_text(yaml.safe_dump({"rules": list(rules), **more}, allow_unicode=True))
    return path


def book_of(folder: Path, *rules: dict[str, Any], **more: Any) -> Rulebook:
    """A rulebook of these rules only."""
    return load([pack(folder, *rules, **more)])


def later(when: str, **delta: int) -> datetime:
    """An instant some time after `when`."""
    return local(when) + timedelta(**delta)
