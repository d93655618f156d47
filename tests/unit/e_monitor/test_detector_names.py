"""The names that a rule's detector may have, and the monitor's start with one that nobody has."""

from pathlib import Path

import pytest

from libs.common.law.installed import PACKS, RULES
from libs.common.law.pack import PackError, load, packs_in
from libs.common.law.rule import Pattern
from services.e_monitor.check import DETECTORS, KNOWN, SWEPT
from services.e_monitor.gap import handlers as gap
from services.e_monitor.match import handlers as match
from services.e_monitor.settings import Settings
from sunlight.commands.failures import CHECK_FAILED
from sunlight.main import run
from tests.unit.common.law.making import pack
from tests.unit.common.law.test_pack_errors import watched


def test_what_is_swept_for_has_the_names_that_the_sweeps_go_by() -> None:
    assert {gap.DETECTOR, match.DETECTOR} == SWEPT
    assert not SWEPT & DETECTORS.keys()


def test_every_shipped_pattern_has_its_detector() -> None:
    rules = load(packs_in(RULES, *PACKS)).rules
    named = {rule.detector for rule in rules if isinstance(rule, Pattern)}
    assert named
    assert named <= KNOWN


def test_the_monitor_does_not_start_with_a_rule_that_nothing_evaluates(tmp_path: Path) -> None:
    path = pack(tmp_path, watched("sequence_gapp"))
    with pytest.raises(PackError, match=r"pack\.yaml:2: detector: .*sequence_gap\?"):
        Settings(dsn="unused", packs=(path,)).law()


def test_rules_check_tells_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = pack(tmp_path, watched("sequence_gapp"))
    assert run(["rules", "check", str(path)]) == CHECK_FAILED
    assert f"{path}:2: detector: no detector 'sequence_gapp' (sequence_gap?)" in (
        capsys.readouterr().out
    )
