"""Recorded CloudEvents, one a line."""

from pathlib import Path
from typing import Any

import pytest

from libs.common.events import decode
from tests.unit.recording.replaying import (
    assert_sums,
    events,
    recording,
    write_lines,
)

RECEIVED = "cn.sunlight.approval.case.received.v1"


def event(**fields: Any) -> dict[str, Any]:
    """A structured CloudEvent."""
    return {
        "specversion": "1.0",
        "id": "e-1",
        "type": RECEIVED,
        "source": "/420500/approval",
        "subject": "case-1",
        "time": "2026-01-05T09:00:00+08:00",
        "recordedtime": "2026-01-05T09:00:01+08:00",
        "sequence": "0000000001",
        "data": {"case_no": "case-1"},
        **fields,
    }


def test_envelope_and_data_are_kept(tmp_path: Path) -> None:
    recorded = event(actor="post-7", region="420500", department="d-1", regime="行政许可法")
    made = recording("cloudevents", write_lines(tmp_path / "a.jsonl", recorded))
    (found,) = list(made.events())
    read = decode(found.value)
    assert (found.topic, read.subject, read.type) == ("approval", "case-1", RECEIVED)
    assert (read.actor, read.region, read.department) == ("post-7", "420500", "d-1")
    assert read.data == {"case_no": "case-1"}
    assert found.recorded == read.recordedtime
    assert read.recordedtime.isoformat() == "2026-01-05T01:00:01+00:00"


def test_merged_by_recorded_time_with_a_sequence_of_its_own(tmp_path: Path) -> None:
    late = event(id="e-2", time="2026-01-04T00:00:00Z", recordedtime="2026-01-09T00:00:00Z")
    made = events(recording("cloudevents", write_lines(tmp_path / "a.jsonl", late, event())))
    assert [found["sequence"][-1] for found in made] == ["1", "2"]
    assert [found["recordedtime"][:10] for found in made] == ["2026-01-05", "2026-01-09"]


@pytest.mark.parametrize(
    ("event_type", "topic"),
    [("cn.sunlight.approval.case.blessed.v1", "approval"), ("org.example.thing", "registry")],
)
def test_unknown_types_are_kept_with_their_data(
    tmp_path: Path, event_type: str, topic: str
) -> None:
    unknown = event(type=event_type, data={"anything": [1, {"x": "y"}]})
    (made,) = events(recording("cloudevents", write_lines(tmp_path / "a.jsonl", unknown)))
    assert (made["type"], made["topic"]) == (event_type, topic)
    assert made["data"] == {"anything": [1, {"x": "y"}]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"data": {}}, "case_no"),
        ({"data": {"case_no": "x", "statutory_limit": "soon"}}, "statutory_limit"),
        ({"data": {"case_no": "x", "statutory_limit": -3}}, "statutory_limit"),
        ({"data": [1]}, "data"),
        ({"time": "2026-01-05 09:00"}, "time"),
        ({"time": 5}, "time"),
        ({"id": ""}, "id"),
        ({"subject": None}, "subject"),
        ({"specversion": "0.3"}, "specversion"),
    ],
)
def test_broken_contract_is_rejected_with_its_field(
    tmp_path: Path, wrong: dict[str, Any], field: str
) -> None:
    made = recording("cloudevents", write_lines(tmp_path / "a.jsonl", event(**wrong)))
    assert events(made) == []
    (reject,) = made.rejects
    assert (reject.code, reject.field) == ("contract", field)


def test_too_large_an_event_is_rejected(tmp_path: Path) -> None:
    large = event(type="org.example.thing", data={"x": "y" * 300_000})
    made = recording("cloudevents", write_lines(tmp_path / "a.jsonl", large))
    assert events(made) == []
    assert [reject.code for reject in made.rejects] == ["contract"]


def test_equal_source_and_id_are_a_duplicate_whatever_the_order_of_names(tmp_path: Path) -> None:
    again = dict(reversed(list(event().items())))
    files = write_lines(tmp_path / "a.jsonl", event()), write_lines(tmp_path / "b.jsonl", again)
    made = recording("cloudevents", *files)
    assert len(events(made)) == 1
    assert made.counts.duplicates == 1
    assert_sums(made)


def test_same_id_of_another_source_is_another_event(tmp_path: Path) -> None:
    other = event(source="/420500/other")
    made = recording("cloudevents", write_lines(tmp_path / "a.jsonl", event(), other))
    assert len({found["id"] for found in events(made)}) == 2


def test_same_source_and_id_with_another_subject_is_a_conflict(tmp_path: Path) -> None:
    other = event(subject="case-2")
    made = recording("cloudevents", write_lines(tmp_path / "a.jsonl", event(), other))
    assert [found["subject"] for found in events(made)] == ["case-1"]
    assert [reject.code for reject in made.rejects] == ["conflict"]
