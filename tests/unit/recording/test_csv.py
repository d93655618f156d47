"""CSV event logs under a mapping of one's own."""

from pathlib import Path

import pytest

from sunlight.recording import RecordingMapping, load_mapping
from tests.unit.recording.replaying import (
    assert_sums,
    codes,
    events,
    recording,
    short,
    write,
)

MAPPING = """
format: csv
encoding: ENCODING
records:
  - name: step
    subject: 办件编号
    time: {field: 时间, as: instant}
    recorded: {field: 登记时间, as: instant}
    activity: 环节
    events:
      - type: cn.sunlight.approval.case.received.v1
        pick: first
        activity: 收件
        data:
          case_no: {of: subject}
          statutory_limit: {field: 时限, as: int}
          promised_limit: {field: 承诺, as: int, omit: true}
      - {type: cn.sunlight.approval.case.decided.v1, pick: last, activity: [办结, 准予]}
"""
HEADER = "办件编号,时间,登记时间,环节,时限,承诺\n"
GOOD = "A-1,2025-01-02 09:00,2025-01-02 10:00,收件,20,5\n"


@pytest.fixture
def mapping(tmp_path: Path) -> RecordingMapping:
    """A mapping for CSV in UTF-8."""
    path = write(tmp_path / "steps.yaml", MAPPING.replace("ENCODING", "utf-8"))
    return load_mapping(path)


def test_rows_become_events_in_the_zone_of_the_mapping(
    tmp_path: Path, mapping: RecordingMapping
) -> None:
    rows = "\ufeff" + HEADER + GOOD + "A-1,2025-01-09 09:00,2025-01-09 09:30,准予,,\n"
    made = events(recording(mapping, write(tmp_path / "a.csv", rows)))
    assert [(short(e), e["time"], e["recordedtime"]) for e in made] == [
        ("case.received", "2025-01-02T01:00:00Z", "2025-01-02T02:00:00Z"),
        ("case.decided", "2025-01-09T01:00:00Z", "2025-01-09T01:30:00Z"),
    ]
    assert made[0]["data"] == {"case_no": "A-1", "statutory_limit": 20, "promised_limit": 5}


def test_chinese_encoding_is_read_when_the_mapping_names_it(tmp_path: Path) -> None:
    path = write(tmp_path / "steps.yaml", MAPPING.replace("ENCODING", "gb18030"))
    file = write(tmp_path / "a.csv.gz", (HEADER + GOOD).encode("gb18030"))
    assert len(events(recording(load_mapping(path), file))) == 1


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ("A-2,2025-01-02\n", "columns", ""),
        ("A-2,2025-01-02 09:00,2025-01-02 09:00,收件,20个工作日,5\n", "value", "时限"),
        ("A-2,2025-01-02 09:00,2025-01-02 09:00,收件,99999,5\n", "contract", "statutory_limit"),
        ("A-2,1948-01-02 09:00,2025-01-02 09:00,收件,20,5\n", "implausible", "时间"),
        ("A-2,2025-13-02 09:00,2025-01-02 09:00,收件,20,5\n", "time", "时间"),
        (",2025-01-02 09:00,2025-01-02 09:00,收件,20,5\n", "subject", "办件编号"),
        ("A-2,2025-01-02 09:00,2025-01-02 09:00,咨询,20,5\n", "unmapped", ""),
        ("A-2,2025-01-02\0,2025-01-02 09:00,收件,20,5\n", "nul", ""),
        (f'"{"x" * 200_000}\n', "csv", ""),
    ],
)
def test_unusable_row_is_rejected_and_the_others_read(
    tmp_path: Path, mapping: RecordingMapping, row: str, code: str, field: str
) -> None:
    made = recording(mapping, write(tmp_path / "a.csv", HEADER + GOOD + row))
    assert len(events(made)) == 1
    (reject,) = made.rejects
    assert (reject.code, reject.field, reject.position) == (code, field, "line 3")
    assert_sums(made)


def test_line_of_another_encoding_is_rejected_by_itself(
    tmp_path: Path, mapping: RecordingMapping
) -> None:
    content = HEADER.encode() + "A-2,收件\n".encode("gbk") + GOOD.encode()
    made = recording(mapping, write(tmp_path / "a.csv", content))
    assert len(events(made)) == 1
    assert codes(made) == ["encoding"]


def test_value_that_may_be_left_out_does_not_reject(
    tmp_path: Path, mapping: RecordingMapping
) -> None:
    row = "A-1,2025-01-02 09:00,2025-01-02 10:00,收件,20,即办\n"
    made = recording(mapping, write(tmp_path / "a.csv", HEADER + row))
    assert events(made)[0]["data"] == {"case_no": "A-1", "statutory_limit": 20}
    assert made.marks == {"承诺": 1}


def test_first_falls_to_the_next_record_when_the_first_breaks_the_contract(
    tmp_path: Path, mapping: RecordingMapping
) -> None:
    bad = "A-1,2025-01-01 09:00,2025-01-01 09:00,收件,99999,5\n"
    made = recording(mapping, write(tmp_path / "a.csv", HEADER + bad + GOOD))
    assert [event["time"] for event in events(made)] == ["2025-01-02T01:00:00Z"]
    assert codes(made) == ["contract"]


def test_record_that_is_not_the_first_is_accepted_without_an_event(
    tmp_path: Path, mapping: RecordingMapping
) -> None:
    later = GOOD.replace("01-02", "01-03")
    made = recording(mapping, write(tmp_path / "a.csv", HEADER + GOOD + later))
    assert len(events(made)) == 1
    assert (made.counts.accepted, made.counts.rejected) == (2, 0)


def test_header_alone_is_an_empty_recording(tmp_path: Path, mapping: RecordingMapping) -> None:
    made = recording(mapping, write(tmp_path / "a.csv", HEADER))
    assert events(made) == []
    assert made.counts.read == 0
    assert made.last is None
