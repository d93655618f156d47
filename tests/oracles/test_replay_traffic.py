"""The load log replayed: counted here in plain Python, straight from the file."""

from __future__ import annotations

import gzip
import re
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.oracles.replays import Replayed, replayed

pytestmark = pytest.mark.shared

_CONCEPT = re.compile(rb'key="concept:name" value="([^"]*)"')
_TIME = re.compile(rb'key="time:timestamp" value="([^"]*)"')


@pytest.fixture(scope="module")
def traffic(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    log = shared / "data/eventlogs/traffic.xes.gz"
    return replayed(tmp_path_factory.mktemp("traffic"), "traffic", log)


@pytest.fixture(scope="module")
def sending(shared: Path) -> dict[str, tuple[date, date | None]]:
    """Case → civil days of the first Create Fine and the first Send Fine.

    The log's own offsets equal its zone's, so the day is the date as written.
    """
    found: dict[str, dict[bytes, datetime]] = {}
    first: dict[bytes, datetime] = {}
    name, activity, moment = "", b"", None
    in_event = False
    with gzip.open(shared / "data/eventlogs/traffic.xes.gz", "rb") as log:
        for line in log:
            if b"<trace>" in line:
                first, name = {}, ""
            elif b"<event>" in line:
                in_event, activity, moment = True, b"", None
            elif b"</event>" in line:
                in_event = False
                if moment is not None and (activity not in first or moment < first[activity]):
                    first[activity] = moment
            elif b"</trace>" in line:
                found[name] = first
            elif match := _CONCEPT.search(line):
                if in_event:
                    activity = match[1]
                elif not name:
                    name = match[1].decode()
            elif in_event and (match := _TIME.search(line)):
                moment = datetime.fromisoformat(match[1].decode())
    return {
        case: (
            moments[b"Create Fine"].date(),
            moments[b"Send Fine"].date() if b"Send Fine" in moments else None,
        )
        for case, moments in found.items()
        if b"Create Fine" in moments
    }


def test_every_event_is_accounted_for(traffic: Replayed) -> None:
    summary = traffic.summary
    assert (summary["read"], summary["subjects"]) == (561470, 150370)
    assert summary["read"] == summary["accepted"] + summary["rejected"] + summary["duplicates"]
    assert summary["parked"] == 0


def test_days_and_verdict_of_every_sent_fine_equal_the_plain_count(
    traffic: Replayed, sending: dict[str, tuple[date, date | None]]
) -> None:
    clocks = traffic.clocks("traffic.send")
    sent = {case: (last - first).days for case, (first, last) in sending.items() if last}
    assert len(sent) == 103987
    assert {case: (clocks[case]["elapsed"], clocks[case]["state"]) for case in sent} == {
        case: (str(days), "breached" if days > 90 else "met") for case, days in sent.items()
    }


def test_exactly_ninety_days_is_in_time(
    traffic: Replayed, sending: dict[str, tuple[date, date | None]]
) -> None:
    clocks = traffic.clocks("traffic.send")
    ninety = [case for case, (first, last) in sending.items() if last and (last - first).days == 90]
    assert ninety
    assert {clocks[case]["state"] for case in ninety} == {"met"}


def test_a_right_that_was_not_used_is_never_a_breach(traffic: Replayed) -> None:
    appeals = [row for row in traffic.rows("clocks.csv") if row["rule"] == "traffic.appeal"]
    assert len(appeals) == 79860
    assert {row["state"] for row in appeals if not row["stopped"]} <= {"void", "running"}
    assert {
        row["elapsed"] for row in appeals if row["stopped"] and row["stopped"] < row["started"]
    } == {"0"}
