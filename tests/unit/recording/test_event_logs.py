"""XES event logs under the shipped mappings."""

import random
from pathlib import Path

import pytest

from tests.unit.recording.replaying import (
    assert_sums,
    codes,
    events,
    recording,
    short,
    write,
    xes_event,
    xes_log,
    xes_trace,
)

CONFIRM = "T05 Print and send confirmation of receipt"


def test_first_and_last_event_become_received_and_closed(tmp_path: Path) -> None:
    log = xes_log(
        xes_trace(
            "case-1",
            xes_event("Confirmation of receipt", "2011-10-11T13:45:40.276+02:00"),
            xes_event("T02 Check", "2011-10-12T08:26:25+02:00"),
            xes_event("T06 Stop", "2011-11-24T15:36:51+01:00"),
        )
    )
    made = events(recording("receipt", write(tmp_path / "a.xes", log)))
    assert [(short(event), event["time"]) for event in made] == [
        ("case.received", "2011-10-11T11:45:40.276000Z"),
        ("case.step-recorded", "2011-10-12T06:26:25Z"),
        ("case.closed", "2011-11-24T14:36:51Z"),
    ]
    assert made[0]["data"] == {"case_no": "case-1"}
    assert made[1]["data"] == {"step": "T02"}
    assert [event["sequence"] for event in made] == ["0000000001", "0000000002", "0000000003"]


def test_single_event_is_received_and_closed_but_read_once(tmp_path: Path) -> None:
    log = xes_log(xes_trace("case-1", xes_event(CONFIRM, "2011-10-11T13:45:40+02:00")))
    made = recording("receipt", write(tmp_path / "a.xes.gz", log))
    found = events(made)
    assert [short(event) for event in found] == [
        "case.received",
        "case.receipt-issued",
        "case.closed",
    ]
    assert len({event["id"] for event in found}) == 3
    assert (made.counts.read, made.counts.accepted) == (1, 1)


def test_only_the_first_confirmation_counts_also_when_it_stands_later(tmp_path: Path) -> None:
    log = xes_log(
        xes_trace(
            "case-1",
            xes_event("T02 Check", "2011-01-01T00:00:00Z"),
            xes_event(CONFIRM, "2011-01-09T00:00:00Z"),
            xes_event(CONFIRM, "2011-01-05T00:00:00Z"),
            xes_event("T06 Stop", "2011-01-20T00:00:00Z"),
        )
    )
    made = events(recording("receipt", write(tmp_path / "a.xes", log)))
    assert [event["time"] for event in made if short(event) == "case.receipt-issued"] == [
        "2011-01-05T00:00:00Z"
    ]
    assert [event["data"] for event in made if event["time"] == "2011-01-09T00:00:00Z"] == [
        {"step": "T05"}
    ]


def test_case_attribute_stands_in_for_a_missing_submission(tmp_path: Path) -> None:
    start = '<date key="startDate" value="2014-04-11T00:00:00+02:00"/>'
    log = xes_log(
        xes_trace("1", start, xes_event("01_HOOFD_015", "2014-04-14T00:00:00+02:00")),
        xes_trace("2", start, xes_event("01_HOOFD_010", "2014-04-12T00:00:00+02:00")),
    )
    made = recording("bpic15", write(tmp_path / "a.xes", log))
    received = {e["subject"]: e["time"] for e in events(made) if short(e) == "case.received"}
    assert received == {"1": "2014-04-10T22:00:00Z", "2": "2014-04-11T22:00:00Z"}
    assert made.counts.read == 2


def test_attributes_inside_attributes_and_of_the_log_are_skipped(tmp_path: Path) -> None:
    nested = '<string key="x" value="1"><string key="concept:name" value="wrong"/></string>'
    log = xes_log(
        xes_trace("case-1", nested, xes_event("T02 Check", "2011-01-01T00:00:00Z", nested)),
        head='<string key="concept:name" value="log"><int key="trace" value="1"/></string>'
        '<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>',
    )
    made = recording("receipt", write(tmp_path / "a.xes", log))
    assert {event["subject"] for event in events(made)} == {"case-1"}
    assert made.counts.read == 1


def test_shuffled_file_makes_the_same_events_of_each_subject(tmp_path: Path) -> None:
    rng = random.Random(7)
    names = ["Confirmation of receipt", CONFIRM, "T02 Check", "T06 Stop"]
    traces = [
        (
            f"case-{n}",
            [
                xes_event(rng.choice(names), f"2011-01-{rng.randint(1, 5):02}T00:00:00Z")
                for _ in range(rng.randint(1, 6))
            ],
        )
        for n in range(40)
    ]
    shuffled = [(name, rng.sample(inner, len(inner))) for name, inner in traces]
    rng.shuffle(shuffled)
    results = []
    for name, content in (("a.xes", traces), ("b.xes", shuffled)):
        log = xes_log(*(xes_trace(case, *inner) for case, inner in content))
        made = events(recording("receipt", write(tmp_path / name, log)))
        results.append(
            sorted((e["subject"], e["type"], e["time"], str(e["data"]), e["id"]) for e in made)
        )
    assert results[0] == results[1]


def test_events_of_one_instant_keep_the_order_of_the_life_cycle(tmp_path: Path) -> None:
    instant = "2014-04-11T00:00:00+02:00"
    activities = ("01_HOOFD_510_2", "08_AWB45_040", "08_AWB45_020_2", "01_HOOFD_010")
    log = xes_log(xes_trace("1", *(xes_event(activity, instant) for activity in activities)))
    made = events(recording("bpic15", write(tmp_path / "a.xes", log)))
    assert [short(event) for event in made] == [
        "case.received",
        "case.paused",
        "case.resumed",
        "case.decided",
    ]
    assert made[1]["data"] == {"ground": "missing_data"}


def test_equal_looking_events_are_different_events(tmp_path: Path) -> None:
    twice = xes_event("Payment", "2010-01-01T00:00:00Z")
    made = recording("traffic", write(tmp_path / "a.xes", xes_log(xes_trace("A1", twice, twice))))
    assert len({event["id"] for event in events(made)}) == 2
    assert (made.counts.accepted, made.counts.duplicates) == (2, 0)


def test_same_file_twice_counts_as_duplicates(tmp_path: Path) -> None:
    twice = xes_event("Payment", "2010-01-01T00:00:00Z")
    log = xes_log(xes_trace("A1", twice, twice), xes_trace("A2", twice))
    one, two = write(tmp_path / "a.xes", log), write(tmp_path / "b.xes.gz", log)
    made = recording("traffic", one, two)
    assert len(events(made)) == 3
    assert (made.counts.read, made.counts.accepted, made.counts.duplicates) == (6, 3, 3)
    assert_sums(made)


def test_merged_by_time_over_subjects_and_files(tmp_path: Path) -> None:
    one = xes_log(xes_trace("A1", xes_event("Payment", "2010-01-05T00:00:00Z")))
    two = xes_log(xes_trace("A2", xes_event("Payment", "2010-01-02T00:00:00Z")))
    files = write(tmp_path / "a.xes", one), write(tmp_path / "b.xes", two)
    assert [e["subject"] for e in events(recording("traffic", *files))] == ["A2", "A1"]


def test_as_stored_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    late, soon = xes_event("a", "2010-01-05T00:00:00Z"), xes_event("b", "2010-01-02T00:00:00Z")
    file = write(tmp_path / "a.xes", xes_log(xes_trace("A1", late, soon), xes_trace("A0", soon)))
    made = events(recording("traffic", file, as_stored=True))
    assert [(e["subject"], e["data"], e["sequence"][-1]) for e in made] == [
        ("A1", {"activity": "a"}, "1"),
        ("A1", {"activity": "b"}, "2"),
        ("A0", {"activity": "b"}, "1"),
    ]


@pytest.mark.parametrize("day", ["1948-01-03", "2099-01-01", "0002-01-01"])
def test_implausible_dates_are_rejected_and_move_nothing(tmp_path: Path, day: str) -> None:
    log = xes_log(
        xes_trace(
            "A1",
            xes_event("Payment", f"{day}T00:00:00+02:00"),
            xes_event("Payment", "2010-01-02T00:00:00Z"),
        )
    )
    made = recording("traffic", write(tmp_path / "a.xes", log))
    assert [event["time"] for event in events(made)] == ["2010-01-02T00:00:00Z"]
    (reject,) = made.rejects
    assert (reject.code, reject.field, reject.position) == (
        "implausible",
        "time:timestamp",
        "event 1",
    )
    assert made.first == made.last
    assert_sums(made)


@pytest.mark.parametrize(
    ("event", "code", "field"),
    [
        (xes_event("", "2010-01-01T00:00:00Z"), "activity", "concept:name"),
        (xes_event("Payment", "yesterday"), "time", "time:timestamp"),
        ('<event><string key="concept:name" value="Payment"/></event>', "time", "time:timestamp"),
        (xes_event("x" * 101, "2010-01-01T00:00:00Z"), "value", "activity"),
    ],
)
def test_broken_events_are_rejected_with_their_field(
    tmp_path: Path, event: str, code: str, field: str
) -> None:
    good = xes_event("Payment", "2010-01-01T00:00:00Z")
    made = recording("traffic", write(tmp_path / "a.xes", xes_log(xes_trace("A1", good, event))))
    assert len(events(made)) == 1
    (reject,) = made.rejects
    assert (reject.code, reject.field, reject.position) == (code, field, "event 2")
    assert_sums(made)


def test_trace_without_a_name_is_rejected_event_by_event(tmp_path: Path) -> None:
    good = xes_event("Payment", "2010-01-01T00:00:00Z")
    made = recording("traffic", write(tmp_path / "a.xes", xes_log(f"<trace>{good}{good}</trace>")))
    assert events(made) == []
    assert codes(made) == ["subject", "subject"]
    assert_sums(made)
