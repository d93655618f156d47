"""Mappings: what is wrong is told with file, line and field."""

from pathlib import Path

import pytest

from sunlight.recording import MappingError, load_mapping, shipped
from tests.unit.recording.replaying import write

GOOD = """\
format: xes
zone: Europe/Rome
records:
  - name: event
    subject: trace/concept:name
    time: {field: "time:timestamp", as: instant}
    activity: concept:name
    events:
      - {type: cn.sunlight.registry.fine.created.v1, pick: first, activity: Create Fine}
rules:
  - {id: traffic.send, length: 60}
"""


def test_shipped_mappings_load() -> None:
    names = shipped()
    assert {"receipt", "bpic15", "traffic", "yichang", "ocds"} <= set(names)
    assert [load_mapping(name).name for name in names] == names


def test_rules_carry_their_parameters(tmp_path: Path) -> None:
    (rule,) = load_mapping(write(tmp_path / "m.yaml", GOOD)).rules
    assert (rule.id, rule.parameters) == ("traffic.send", {"length": 60})


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("Europe/Rome", "Europe/Atlantis", 2, "zone: "),
        ("format: xes", "format: xml", 1, "format: "),
        ("pick: first", "pick: second", 9, "records.0.events.0.pick: "),
        ("fine.created", "fine.invented", 9, "records.0.events.0.type: "),
        ("pick: first", "pick: first, data: {amount: x}", 9, "has no field amount"),
        ("registry.fine.created", "approval.case.received", 9, "needs the field case_no"),
        ("    activity: concept:name\n", "", 4, "name the field that holds it"),
        ("as: instant", "as: text", 6, "records.0.time: "),
        ("as: instant", "as: instant, of: subject", 6, "name one of"),
        ("    subject:", "    subjekt:", 4, "records.0.subject: Field required"),
        ("zone: Europe/Rome", "zone: [", 4, "expected"),
        ("zone: Europe/Rome", "zone: Europe/Rome\nzone: Europe/Rome", 3, "zone: written twice"),
    ],
)
def test_errors_name_file_line_and_field(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in GOOD
    path = write(tmp_path / "m.yaml", GOOD.replace(old, new))
    with pytest.raises(MappingError) as caught:
        load_mapping(path)
    assert f"{path}:{line}: " in str(caught.value)
    assert said in str(caught.value)


def test_unknown_name_lists_what_is_shipped() -> None:
    with pytest.raises(MappingError, match="bpic15, "):
        load_mapping("nonesuch")


def test_missing_file_is_told() -> None:
    with pytest.raises(MappingError, match="no such file"):
        load_mapping("./nonesuch.yaml")
