"""The receipt log replayed, held against the independent count, case by case."""

from pathlib import Path

import pytest

from tests.oracles.replays import Replayed, Row, oracle, replayed

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def receipt(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    log = shared / "data/eventlogs/receipt.xes.gz"
    return replayed(tmp_path_factory.mktemp("receipt"), "receipt", log)


@pytest.fixture(scope="module")
def expected(shared: Path) -> dict[str, Row]:
    return oracle(shared / "data/eventlogs/receipt_oracle.csv.gz")


def test_every_event_is_accounted_for(receipt: Replayed) -> None:
    summary = receipt.summary
    assert (summary["read"], summary["subjects"]) == (8577, 1434)
    assert summary["read"] == summary["accepted"] + summary["rejected"] + summary["duplicates"]
    assert summary["parked"] == 0


def test_fifty_cases_go_over_twenty_working_days_and_fifty_one_by_monday_to_friday(
    receipt: Replayed,
) -> None:
    decide = receipt.summary["rules"]["receipt.decide"]
    assert decide["breached"] == 50
    assert decide["mon_fri"] == {
        "breached": 51,
        "differ": ["case-5039", "case-6719", "case-7085"],
    }


def test_exactly_twenty_is_in_time_and_twenty_one_is_late(receipt: Replayed) -> None:
    clocks = receipt.clocks("receipt.decide").values()
    assert [row["state"] for row in clocks if row["elapsed"] == "20"] == ["met"] * 5
    assert [row["state"] for row in clocks if row["elapsed"] == "21"] == ["breached"] * 5


def test_elapsed_due_and_verdict_of_every_case_equal_the_oracle(
    receipt: Replayed, expected: dict[str, Row]
) -> None:
    clocks = receipt.clocks("receipt.decide")
    assert {
        case: (row["started"], row["stopped"], row["elapsed"], row["due"], row["state"])
        for case, row in clocks.items()
    } == {
        case: (
            row["received_date"],
            row["finished_date"],
            row["wd_cn"],
            row["due20_cn"],
            "breached" if row["breach20_cn"] == "True" else "met",
        )
        for case, row in expected.items()
    }


def test_first_confirmation_of_every_case_equals_the_oracle(
    receipt: Replayed, expected: dict[str, Row]
) -> None:
    clocks = receipt.clocks("receipt.confirm")
    confirmed = {case: row for case, row in expected.items() if row["t05_wd_cn"]}
    assert len(confirmed) == 1300
    assert {case: (clocks[case]["elapsed"], clocks[case]["state"]) for case in confirmed} == {
        case: (
            str(int(float(row["t05_wd_cn"]))),
            "breached" if row["t05_breach5_cn"] == "True" else "met",
        )
        for case, row in confirmed.items()
    }
    assert receipt.summary["rules"]["receipt.confirm"]["breached"] == 147


def test_a_case_without_confirmation_is_not_called_late_but_open(
    receipt: Replayed, expected: dict[str, Row]
) -> None:
    clocks = receipt.clocks("receipt.confirm")
    unconfirmed = {case for case, row in expected.items() if not row["t05_wd_cn"]}
    assert len(unconfirmed) == 134
    assert {clocks[case]["state"] for case in unconfirmed} <= {"overdue", "running"}


def test_every_breach_is_one_finding_and_nothing_else_is(receipt: Replayed) -> None:
    late = {
        (row["subject"], row["rule"], row["occurrence"])
        for row in receipt.rows("clocks.csv")
        if row["state"] in {"breached", "overdue"}
    }
    found = [
        (row["subject"], row["rule"], row["occurrence"]) for row in receipt.rows("findings.csv")
    ]
    assert sorted(found) == found
    assert set(found) == late
    assert len(found) == len(late)


def test_the_paragraph_names_what_a_person_wants_to_know(receipt: Replayed) -> None:
    assert "1,434 cases, 8,577 events in" in receipt.printed
    assert "50 of 1,434 went over 20 working days" in receipt.printed
    assert "would say 51: it is wrong on case-5039, case-6719, case-7085." in receipt.printed
