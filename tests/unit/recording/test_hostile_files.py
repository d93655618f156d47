"""Files that are broken or meant to harm: rejected with their place, never a crash."""

import gzip
from pathlib import Path

import pytest

from sunlight.recording import RecordingError, load_mapping
from sunlight.recording.files import MAX_LINE
from sunlight.recording.xes import MAX_TOKEN
from tests.unit.recording.replaying import (
    assert_sums,
    codes,
    events,
    recording,
    write,
    write_lines,
    xes_event,
    xes_log,
    xes_trace,
)

PAYMENT = xes_event("Payment", "2010-01-01T00:00:00Z")
TRACE = xes_trace("A1", PAYMENT)
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    '<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]><log>&lol2;</log>'
)
BLOWUP = f'<!DOCTYPE b [<!ENTITY a "{"a" * 50_000}">]><log>{"&a;" * 5_000}</log>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><log>&e;</log>'
REMOTE_DTD = '<!DOCTYPE log SYSTEM "http://localhost:9/log.dtd"><log></log>'


@pytest.mark.parametrize("bomb", [LAUGHS, BLOWUP, EXTERNAL, REMOTE_DTD])
def test_entities_and_document_types_are_refused(tmp_path: Path, bomb: str) -> None:
    made = recording("traffic", write(tmp_path / "a.xes", bomb))
    assert events(made) == []
    (reject,) = made.rejects
    assert reject.code == "xml-forbidden"
    assert reject.file == "a.xes"
    assert reject.position.startswith("line 1, column ")
    assert_sums(made)


def test_truncated_log_keeps_what_was_complete(tmp_path: Path) -> None:
    log = xes_log(TRACE, xes_trace("A2", PAYMENT, PAYMENT))
    cut = log[: log.rindex("<event>") + 20]
    made = recording("traffic", write(tmp_path / "a.xes", cut))
    assert [event["subject"] for event in events(made)] == ["A1", "A2"]
    assert codes(made) == ["xml"]
    assert made.counts.read == 3
    assert_sums(made)


def test_broken_gzip_keeps_what_was_readable(tmp_path: Path) -> None:
    log = xes_log(*(xes_trace(f"A{n}", PAYMENT) for n in range(20_000)))
    packed = gzip.compress(log.encode())
    path = tmp_path / "a.xes.gz"
    path.write_bytes(packed[: len(packed) // 2])
    made = recording("traffic", path)
    assert len(events(made)) > 1000
    assert codes(made) == ["gzip"]
    assert_sums(made)


def test_file_that_is_no_gzip_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(b"no gzip")
    made = recording("yichang", path)
    assert events(made) == []
    (reject,) = made.rejects
    assert (reject.code, reject.position) == ("gzip", "byte 0")


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0" encoding="UTF-8"?><log><trace>\xff\xfe</trace></log>',
        b'<?xml version="1.0" encoding="klingon"?><log></log>',
        b"<log>\x00</log>",
        b"<log><trace></log>",
        b"",
        b"not xml",
    ],
)
def test_what_is_not_xml_is_rejected_with_its_place(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xes"
    path.write_bytes(content)
    made = recording("traffic", path)
    assert events(made) == []
    (reject,) = made.rejects
    assert reject.code == "xml"
    assert reject.position.startswith("line ")


def test_other_xml_is_no_event_log(tmp_path: Path) -> None:
    made = recording("traffic", write(tmp_path / "a.xes", "<html><body/></html>"))
    assert events(made) == []
    assert codes(made) == ["xes"]


def test_endless_attribute_is_given_up(tmp_path: Path) -> None:
    long = f'<string key="x" value="{"y" * (3 * MAX_TOKEN)}"/>'
    made = recording("traffic", write(tmp_path / "a.xes.gz", xes_log(TRACE, long)))
    assert len(events(made)) == 1
    assert codes(made) == ["too-long"]


def test_endless_line_is_rejected_and_the_next_one_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"x": "' + b"y" * (2 * MAX_LINE) + b'"}\n{"infoid": 1}\n')
    made = recording("yichang", path)
    assert events(made) == []
    assert [(reject.code, reject.position) for reject in made.rejects] == [
        ("too-long", "line 1"),
        ("kind", "line 2"),
    ]
    assert all(len(reject.excerpt) <= 200 for reject in made.rejects)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "json"),
        (b"[1, 2]", "not-an-object"),
        (b'"text"', "not-an-object"),
        (b'{"a": "\xff"}', "json"),
        (b'{"a": NaN}', "json"),
        (b'{"a": "\\ud800"}', "json"),
        (b"[" * 100_000, "json"),
        (b'{"project_name": "x", "publicity_period": "\\u0000"}', "time"),
    ],
)
def test_lines_that_are_no_objects(tmp_path: Path, line: bytes, code: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line + b"\n")
    made = recording("yichang", path)
    assert events(made) == []
    assert codes(made) == [code]
    assert_sums(made)


def test_nul_and_too_deep_records_are_rejected(tmp_path: Path) -> None:
    notice = {"标段(包)名称": "x", "公告发布日期": "2025-01-02"}
    deep: object = 1
    for _ in range(500):
        deep = [deep]
    path = write_lines(tmp_path / "a.jsonl", {**notice, "n": "a\0b"}, {**notice, "n": deep})
    made = recording("yichang", path)
    assert events(made) == []
    assert codes(made) == ["nul", "json"]


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip", "a", "a.txt", "a.gz"])
def test_archives_and_other_formats_are_wrong_use(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordingError, match=r"\.xes, \.csv, \.jsonl, \.json"):
        recording("traffic", write(tmp_path / name, b""))


def test_missing_file_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file"):
        recording("traffic", tmp_path / "a.xes")


def test_file_of_another_format_than_the_mapping_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"traffic reads \.xes"):
        recording(load_mapping("traffic"), write_lines(tmp_path / "a.jsonl", {}))
