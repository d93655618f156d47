"""A pack with a fault is refused, and the fault says file, line and field."""

from pathlib import Path
from typing import Any

import pytest

from libs.common.law.pack import PackError, load
from tests.unit.common.law.making import deadline, guard, pack, pattern


def faults(*paths: Path) -> list[str]:
    """The faults of packs that must not load."""
    with pytest.raises(PackError) as caught:
        load(paths)
    return caught.value.faults


def fault(folder: Path, *rules: dict[str, Any], **more: Any) -> str:
    """The only fault of a pack of these rules."""
    (found,) = faults(pack(folder, *rules, **more))
    return found


EXCLUSION = {
    "pause": "cn.sunlight.approval.case.paused.v1",
    "resume": "cn.sunlight.approval.case.resumed.v1",
    "law": {"text": "法", "article": "1", "plain": {"zh": "试", "en": "Test"}},
}
RED = [{"red": 0}]
GONE = "cn.sunlight.approval.case.vanished.v1"
FAULTY: dict[str, tuple[dict[str, Any], str]] = {
    "unknown event type": (deadline(stop=[GONE]), f"{GONE}: no contract declares"),
    "malformed event type": (deadline(stop=["decided"]), "deadline.stop.0: String should match"),
    "unknown key": (deadline(colour="red"), "deadline.colour: Extra inputs"),
    "missing key": ({k: v for k, v in deadline().items() if k != "law"}, "deadline.law: Field"),
    "unknown form": (deadline(form="wish"), "rule: Input tag 'wish'"),
    "unknown unit": (deadline(unit="fortnight"), "deadline.unit: Input should be"),
    "red on unverified": (deadline(status="unverified", stages=RED), "can never issue red"),
    "red guard unverified": (
        guard(status="unverified", severity="red", require=[{"fact": "a", "equals": 1}]),
        "can never issue red",
    ),
    "public lead": (pattern(severity="lead", public=True), "a lead is never public"),
    "unknown operator": (
        deadline(applies_when={"joint": {"near": 1}}),
        "applies_when.joint: near: no such",
    ),
    "operator of a stop": (
        deadline(stop_when={"outcome": {"near": 1}}),
        "stop_when.outcome: near: no such",
    ),
    "misspelt fact": (
        deadline(applies_when={"item_typ": "行政许可"}),
        "applies_when.item_typ: no event says this fact (item_type?)",
    ),
    "misspelt fact of a guard": (
        guard(require=[{"fact": "bid_bound", "at_most": 1}]),
        "bid_bound: no event says this fact (bid_bond?)",
    ),
    "length nobody states": (
        deadline(length={"fact": "xyzzy"}),
        "xyzzy: no event says this fact",
    ),
    "condition on another event's field": (
        deadline(start_when={"outcome": "granted"}),
        "start_when.outcome: no start event has this field",
    ),
    "missing exclusion set": (deadline(exclude="art45"), "exclude: 'art45' is no exclusion set"),
    "missing guard": (
        deadline(extension={"on": "cn.sunlight.approval.case.extended.v1", "guard": "TST-009"}),
        "extension.guard: 'TST-009' is no guard",
    ),
    "missing deadline": (guard(require=[], none_open=["TST-009"]), "none_open: 'TST-009' is no"),
    "guard without demand": (guard(require=[]), "a guard demands something"),
    "key that no event has": (
        deadline(pairing="key", key_field="lot"),
        "key_field: cn.sunlight.approval.case.received.v1 has no field 'lot'",
    ),
    "key without pairing": (deadline(key_field="case_no"), "pairing: key and key_field"),
    "hours to the end of the day": (deadline(unit="hour"), "run until: instant"),
    "malformed region": (deadline(region="Anyang"), "a region is"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_rule_is_refused_with_file_line_and_field(tmp_path: Path, name: str) -> None:
    rule, expected = FAULTY[name]
    found = fault(tmp_path, rule)

    assert found.startswith(f"{tmp_path / 'pack.yaml'}:")
    assert int(found.split(":")[1]) >= 2
    assert expected in found


def test_the_line_is_that_of_the_field(tmp_path: Path) -> None:
    path = pack(tmp_path, deadline(), deadline(id="TST-002", unit="fortnight"))
    (found,) = faults(path)
    line = int(found.split(":")[1])

    assert "fortnight" in path.read_text().splitlines()[line - 1]


def test_every_fault_is_told_not_only_the_first(tmp_path: Path) -> None:
    path = pack(tmp_path, deadline(colour="red"), deadline(id="TST-002", unit="fortnight"))

    assert len(faults(path)) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rules: [", ":1: not YAML"),
        ("rules:\n  - {id: 1\n", ":3: not YAML"),
        ("- a\n", ":1: a pack is a mapping"),
        ("ruels: []\n", ":1: ruels: unknown key"),
        ("rules: 3\n", ":1: rules: missing, or not a list"),
        ("rules: []\nrules: []\n", ":2: rules: given twice"),
        ("rules: []\nexclusions: 3\n", ":2: exclusions: not a mapping"),
        ("rules: []\nexclusions:\n  a: {}\n", ":3: pause: Field required"),
        ("rules:\n  - a: !!python/object:os.system\n", "could not determine a constructor"),
    ],
)
def test_a_file_that_is_no_pack_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "pack.yaml"
    path.write_text(text)

    assert any(expected in found for found in faults(path))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "can't be read" in faults(tmp_path / "gone.yaml")[0]


def test_a_key_given_twice_in_a_rule_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path, deadline())
    path.write_text(path.read_text() + "  length: 6\n")

    assert "length: given twice" in faults(path)[0]


def test_versions_of_a_rule_that_overlap_are_refused(tmp_path: Path) -> None:
    second = deadline(effective={"from": "2024-01-01"})

    assert "TST-001@2024-01-01/1 overlaps TST-001@2020-01-01/1" in fault(
        tmp_path, deadline(), second
    )


def test_versions_that_follow_each_other_are_accepted(tmp_path: Path) -> None:
    first = deadline(effective={"from": "2020-01-01", "to": "2023-12-31"})
    second = deadline(effective={"from": "2024-01-01"})

    assert len(load([pack(tmp_path, first, second)]).rules) == 2


def test_one_version_in_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    found = faults(pack(tmp_path, deadline()), pack(tmp_path / "other", deadline()))

    assert "stands also in" in found[0]


def test_an_exclusion_set_of_an_unknown_event_is_refused(tmp_path: Path) -> None:
    found = fault(tmp_path, deadline(), exclusions={"wait": {**EXCLUSION, "pause": GONE}})

    assert f"exclusions.wait: {GONE}: no contract" in found


def test_the_key_on_is_a_word_and_no_truth_value(tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    rule = guard(require=[{"fact": "joint", "equals": True}])
    text = pack(tmp_path, rule).read_text().replace("'on':", "on:")
    path.write_text(text)

    assert "\n  on:" in text
    assert len(load([path]).rules) == 1


def watched(detector: str) -> dict[str, Any]:
    """A pattern on the award that a detector of this name looks at."""
    return {**guard(detector=detector), "form": "pattern"}


def test_a_detector_that_is_not_there_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    path = pack(tmp_path, watched("pause_missuse"))
    with pytest.raises(PackError) as caught:
        load([path], detectors={"pause_misuse", "recorded_late"})
    assert caught.value.faults == [
        f"{path}:2: detector: no detector 'pause_missuse' (pause_misuse?)"
    ]


def test_whoever_evaluates_no_pattern_asks_for_no_detector(tmp_path: Path) -> None:
    assert len(load([pack(tmp_path, watched("pause_missuse"))]).rules) == 1


def test_our_correction_replaces_what_it_corrects(tmp_path: Path) -> None:
    corrected = deadline(length=6, revision=2, corrects=1)
    (rule,) = load([pack(tmp_path, deadline(), corrected)]).rules

    assert rule.version == "2020-01-01/2"


def test_a_change_of_any_rule_changes_the_version_of_the_rulebook(tmp_path: Path) -> None:
    first = load([pack(tmp_path, deadline())]).version

    assert load([pack(tmp_path, deadline(length=6))]).version != first
    assert load([pack(tmp_path, deadline())]).version == first
