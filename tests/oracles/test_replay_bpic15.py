"""Building permits with clock stops replayed, held against the independent count."""

from pathlib import Path

import pytest

from tests.oracles.replays import Replayed, Row, oracle, replayed

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def permits(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    log = shared / "data/eventlogs/bpic15_1.xes.gz"
    return replayed(tmp_path_factory.mktemp("bpic15"), "bpic15", log)


@pytest.fixture(scope="module")
def expected(shared: Path) -> dict[str, Row]:
    return oracle(shared / "data/eventlogs/bpic15_1_oracle.csv.gz")


def _days(text: str) -> str:
    return str(int(float(text)))


def _state(text: str) -> str:
    return "breached" if text == "True" else "met"


def test_every_event_is_accounted_for(permits: Replayed) -> None:
    summary = permits.summary
    assert (summary["read"], summary["accepted"], summary["subjects"]) == (52217, 52217, 1199)


def test_late_counts_are_742_gross_734_net_and_219_acknowledgements(permits: Replayed) -> None:
    rules = permits.summary["rules"]
    assert rules["bpic15.decide-gross"]["breached"] == 742
    assert rules["bpic15.decide"]["breached"] == 734
    assert rules["bpic15.acknowledge"]["breached"] == 219


def test_net_days_pauses_and_verdict_of_every_decided_case_equal_the_oracle(
    permits: Replayed, expected: dict[str, Row]
) -> None:
    clocks = permits.clocks("bpic15.decide")
    decided = {case: row for case, row in expected.items() if row["decision"]}
    assert {
        case: (
            clocks[case]["started"],
            clocks[case]["stopped"],
            clocks[case]["elapsed"],
            clocks[case]["excluded"],
            clocks[case]["state"],
        )
        for case in decided
    } == {
        case: (
            row["received"],
            row["decision"],
            _days(row["net_cn"]),
            _days(row["paused_cn"]),
            _state(row["breach20_net_cn"]),
        )
        for case, row in decided.items()
    }


def test_gross_days_of_every_decided_case_equal_the_oracle(
    permits: Replayed, expected: dict[str, Row]
) -> None:
    clocks = permits.clocks("bpic15.decide-gross")
    decided = {case: row for case, row in expected.items() if row["decision"]}
    assert {case: (clocks[case]["elapsed"], clocks[case]["state"]) for case in decided} == {
        case: (_days(row["gross_cn"]), _state(row["breach20_gross_cn"]))
        for case, row in decided.items()
    }


def test_acknowledgement_of_every_case_equals_the_oracle(
    permits: Replayed, expected: dict[str, Row]
) -> None:
    clocks = permits.clocks("bpic15.acknowledge")
    acknowledged = {case: row for case, row in expected.items() if row["ack"]}
    assert len(acknowledged) == 1053
    assert {case: (clocks[case]["elapsed"], clocks[case]["state"]) for case in acknowledged} == {
        case: (_days(row["ack_wd_cn"]), _state(row["ack_breach5_cn"]))
        for case, row in acknowledged.items()
    }


def test_an_undecided_case_is_never_counted_late(
    permits: Replayed, expected: dict[str, Row]
) -> None:
    clocks = permits.clocks("bpic15.decide")
    undecided = [case for case, row in expected.items() if not row["decision"]]
    assert undecided
    assert {clocks[case]["state"] for case in undecided} <= {"overdue", "running", "suspended"}
