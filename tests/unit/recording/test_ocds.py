"""OCDS documents in all their shapes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunlight.recording import files, json_members, rows
from tests.unit.recording.replaying import (
    assert_sums,
    codes,
    events,
    recording,
    short,
    write,
    write_lines,
)


def release(**fields: Any) -> dict[str, Any]:
    """A release with a tender, an award and a contract."""
    return {
        "ocid": "ocds-x-1",
        "id": "r-1",
        "date": "2025-03-10T09:00:00+08:00",
        "tag": ["tender"],
        "tender": {
            "id": "T-1",
            "tenderPeriod": {
                "startDate": "2025-01-02T09:00:00+08:00",
                "endDate": "2025-01-25T09:00:00+08:00",
            },
        },
        "awards": [
            {
                "id": "a",
                "date": "2025-02-03T00:00:00Z",
                "value": {"amount": 5000, "currency": "CNY"},
            },
            {
                "id": "b",
                "date": "2025-02-04T00:00:00Z",
                "value": {"amount": 7000, "currency": "UAH"},
            },
        ],
        "contracts": [{"id": "c", "dateSigned": "2025-03-01T00:00:00Z"}],
        **fields,
    }


def as_json(path: Path, document: object) -> Path:
    """Write one document."""
    return write(path, json.dumps(document))


SHAPES = {
    "release": release(),
    "release package": {"uri": "x", "releases": [release()]},
    "record package": {"records": [{"ocid": "ocds-x-1", "releases": [release()]}]},
    "record with links": {
        "records": [
            {
                "ocid": "ocds-x-1",
                "releases": [{"url": "https://example.org/r", "date": "2025-01-01T00:00:00Z"}],
                "compiledRelease": release(),
            }
        ]
    },
    "record": {"ocid": "x", "releases": [release()], "compiledRelease": release(id="other")},
    "list": [release()],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_its_release(tmp_path: Path, shape: str) -> None:
    made = recording("ocds", as_json(tmp_path / "a.json.gz", SHAPES[shape]))
    found = events(made)
    assert [short(event) for event in found] == [
        "tender.published",
        "award.decided",
        "award.decided",
        "award.contract-signed",
    ]
    assert {event["subject"] for event in found} == {"ocds-x-1"}
    assert len({event["id"] for event in found}) == 4
    assert found[0]["data"]["bid_deadline"] == "2025-01-25T01:00:00+00:00"
    assert (made.counts.read, made.counts.accepted) == (1, 1)


def test_only_yuan_are_taken_as_money(tmp_path: Path) -> None:
    found = events(recording("ocds", as_json(tmp_path / "a.json", release())))
    assert [e["data"] for e in found if short(e) == "award.decided"] == [
        {"award_price": 500_000},
        {},
    ]


def test_later_release_that_says_the_same_again_is_only_recorded(tmp_path: Path) -> None:
    later = release(id="r-2", date="2025-04-01T00:00:00Z", tag=["contract"])
    found = events(recording("ocds", write_lines(tmp_path / "a.jsonl", release(), later)))
    assert [short(event) for event in found].count("award.decided") == 2
    assert short(found[-1]) == "tender.recorded"
    assert found[-1]["data"] == {"stage": "contract"}


def test_first_release_that_says_a_thing_makes_its_event(tmp_path: Path) -> None:
    planning = {
        "ocid": "ocds-x-1",
        "id": "r-0",
        "date": "2024-12-01T00:00:00Z",
        "tag": ["planning"],
    }
    undated = release(awards=[{"id": "a"}], tender={}, contracts=[])
    dated = release(id="r-2", date="2025-04-01T00:00:00Z")
    found = events(recording("ocds", write_lines(tmp_path / "a.jsonl", dated, undated, planning)))
    assert [short(event) for event in found] == [
        "tender.recorded",
        "tender.recorded",
        "tender.published",
        "award.decided",
        "award.decided",
        "award.contract-signed",
    ]


def test_tender_without_a_period_is_only_recorded(tmp_path: Path) -> None:
    bare = {"ocid": "o", "id": "1", "date": "2025-01-01T00:00:00Z", "tag": ["planning"]}
    (made,) = events(recording("ocds", as_json(tmp_path / "a.json", bare)))
    assert (short(made), made["data"]) == ("tender.recorded", {"stage": "planning"})


def test_impossible_award_date_is_left_out_and_counted(tmp_path: Path) -> None:
    wrong = release(awards=[{"id": "a", "date": "0016-02-03T00:00:00Z"}])
    made = recording("ocds", as_json(tmp_path / "a.json", wrong))
    assert "award.decided" not in [short(event) for event in events(made)]
    assert made.marks["date"] == 1


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"id": "1", "date": "2025-01-01T00:00:00Z"}, "kind", "ocid"),
        (release(ocid=""), "subject", "ocid"),
        (release(date=None), "time", "date"),
        (release(date="2025-02-30T00:00:00Z"), "time", "date"),
        (release(date="1948-01-01T00:00:00Z"), "implausible", "date"),
        (release(date="2099-01-01T00:00:00Z"), "implausible", "date"),
        (
            release(tender={"id": "T" * 101, "tenderPeriod": release()["tender"]["tenderPeriod"]}),
            "value",
            "tender/id",
        ),
        (17, "not-an-object", ""),
        ("x", "not-an-object", ""),
    ],
)
def test_unusable_release_is_rejected_with_its_field(
    tmp_path: Path, wrong: object, code: str, field: str
) -> None:
    made = recording("ocds", as_json(tmp_path / "a.json", {"releases": [wrong, release(id="r-2")]}))
    assert len(events(made)) == 4
    (reject,) = made.rejects
    assert (reject.code, reject.field, reject.position) == (code, field, "release 1")
    assert_sums(made)


def test_file_that_is_not_json_is_one_reject(tmp_path: Path) -> None:
    made = recording("ocds", write(tmp_path / "a.json", '{"releases": ['))
    assert events(made) == []
    assert codes(made) == ["json"]
    assert_sums(made)


def test_package_that_breaks_off_keeps_its_complete_releases(tmp_path: Path) -> None:
    package = {"releases": [release(), release(id="r-2", ocid='ocds-"}]'), release(id="r-3")]}
    text = json.dumps(package)
    made = recording("ocds", write(tmp_path / "a.json", text[: text.rindex("awards")]))
    assert {event["subject"] for event in events(made)} == {"ocds-x-1", 'ocds-"}]'}
    assert codes(made) == ["json"]
    assert made.counts.read == 3
    assert_sums(made)


def test_broken_gzip_of_a_package_keeps_its_complete_releases(tmp_path: Path) -> None:
    package = {"releases": [release(id=f"r-{n}", ocid=f"o-{n}") for n in range(5000)]}
    packed = write(tmp_path / "a.json.gz", json.dumps(package))
    packed.write_bytes(packed.read_bytes()[: packed.stat().st_size // 2])
    made = recording("ocds", packed)
    assert len({event["subject"] for event in events(made)}) > 500
    assert codes(made) == ["gzip"]


@pytest.mark.parametrize("shape", ["release package", "record package", "record with links"])
def test_package_too_large_to_hold_gives_the_same_releases(
    tmp_path: Path, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = as_json(tmp_path / "a.json", SHAPES[shape])
    whole = events(recording("ocds", file))
    monkeypatch.setattr(rows, "MAX_DOCUMENT", 10)
    monkeypatch.setattr(files, "CHUNK", 7)
    assert events(recording("ocds", file)) == whole


def test_one_release_too_large_to_hold_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MAX_DOCUMENT", 10)
    made = recording("ocds", as_json(tmp_path / "a.json", release()))
    assert events(made) == []
    assert codes(made) == ["too-long"]


@given(
    texts=st.lists(st.dictionaries(st.text(max_size=4), st.text(max_size=6), max_size=3)),
    size=st.integers(1, 9),
)
def test_splitting_a_package_gives_its_members_whatever_the_pieces(
    texts: list[dict[str, str]], size: int
) -> None:
    document = json.dumps({"uri": "x[{", "releases": texts, "n": [{}]}, ensure_ascii=False).encode()
    pieces = [document[at : at + size] for at in range(0, len(document), size)]
    assert [json.loads(member) for _, member in json_members.members(pieces)] == texts
