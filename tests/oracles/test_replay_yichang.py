"""Notices of a trading centre replayed, held against counts made by the definitions alone."""

from pathlib import Path

import pytest

from tests.oracles.replays import Replayed, replayed

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def notices(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    folder = shared / "data/tenders"
    return replayed(
        tmp_path_factory.mktemp("yichang"),
        "yichang",
        folder / "yichang_candidates_2025.jsonl.gz",
        folder / "yichang_awards_2025.jsonl.gz",
    )


def test_of_1078_publicity_periods_866_are_met_212_disputed_and_none_is_short(
    notices: Replayed,
) -> None:
    publicity = notices.summary["rules"]["yichang.publicity"]
    assert publicity["clocks"] == 1078
    assert (publicity["met"], publicity["disputed"], publicity["breached"]) == (866, 212, 0)


def test_the_two_readings_of_the_law_are_told_apart(notices: Replayed) -> None:
    readings = [
        row["reading"].split("+")
        for row in notices.rows("clocks.csv")
        if row["rule"] == "yichang.publicity" and row["state"] == "disputed"
    ]
    assert sum("closing" in reading for reading in readings) == 80
    assert sum("roll" in reading for reading in readings) == 145
    assert sum(len(reading) == 2 for reading in readings) == 13


def test_the_one_award_before_the_end_of_publicity_is_found_and_no_other(
    notices: Replayed,
) -> None:
    (found,) = notices.rows("findings.csv")
    assert found["rule"] == "yichang.award"
    (clock,) = [
        row
        for row in notices.rows("clocks.csv")
        if row["subject"] == found["subject"] and row["rule"] == "yichang.award"
    ]
    assert (clock["started"], clock["stopped"]) == ("2025-12-19", "2025-12-18")


def test_856_awards_join_a_publicity_period(notices: Replayed) -> None:
    joined = [
        row
        for row in notices.rows("clocks.csv")
        if row["rule"] == "yichang.award" and row["stopped"]
    ]
    assert len({row["subject"] for row in joined}) == 855


def test_prose_prices_are_left_out_and_counted_never_guessed(notices: Replayed) -> None:
    summary = notices.summary
    assert summary["read"] == summary["accepted"] + summary["rejected"] + summary["duplicates"]
    assert summary["read"] == 1078 + 1181
    assert summary["implausible"]["price"] > 0
