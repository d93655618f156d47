"""Exit statuses and messages: 0 done, 1 the check failed, 2 wrong use, 3 could not run."""

from pathlib import Path

import orjson
import pytest

from sunlight.main import run
from tests.system.installation import free_port

SKIP = ["parked", "skip", "case/1", "--topic", "approval", "--from", "2", "--to", "3"]


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nonsense"], "nonsense"),
        (["replay", "--nonsense"], "--nonsense"),
        (["replay", "log.xes", "--out", "x"], "--mapping"),
        (["replay", "--mapping", "receipt", "--out", "x"], "FILE"),
        (["--lang", "fr", "rules", "list"], "fr"),
        (["up", "--port", "0"], "--port"),
        (["calendar", "show", "soon"], "YEAR"),
        (["outbox", "republish", "--since", "2026-03-02"], "2026-03-02"),
        (["parked", "drop", "case/1"], "--reason"),
        (["parked", "skip", "case/1", "--topic", "approval", "--from", "2"], "--to"),
        ([*SKIP, "--by", "post-7"], "--reason"),
        ([*SKIP, "--reason", "the disk was lost"], "--by"),
        ([*SKIP, "--reason", "the disk was lost", "--by", " "], "--by"),
        (["parked", "list", "--service", "approval"], "--service"),
        (["worker", "nobody"], "SERVICE"),
    ],
)
def test_wrong_use_is_status_2_and_names_what_was_wrong(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert named in told(capsys)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_missing_file_is_status_3_without_a_traceback(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "log.xes"

    status = run(
        ["--lang", language, "replay", str(missing), "--mapping", "receipt", "--out", str(tmp_path)]
    )

    text = told(capsys)
    assert status == 3
    assert str(missing) in text
    assert ("没有这个文件" in text) == (language == "zh")
    assert "Traceback" not in text


def test_an_unknown_mapping_is_status_3_and_names_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "log.xes"
    file.write_text("<log/>")

    assert run(["replay", str(file), "--mapping", "nix", "--out", str(tmp_path)]) == 3
    assert "receipt" in told(capsys)


def test_a_folder_without_data_is_status_3_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)

    assert run(["parked", "list", "--data", str(tmp_path / "none")]) == 3
    assert "sunlight up" in told(capsys)


def test_shipped_packs_pass_the_check() -> None:
    assert run(["rules", "check"]) == 0


def test_a_faulty_pack_is_status_1_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = tmp_path / "pack.yaml"
    pack.write_text("rules:\n  - id: APV-010\n    form: deadline\n")

    assert run(["rules", "check", str(pack)]) == 1
    assert f"{pack}:2: " in capsys.readouterr().out


def test_an_unknown_rule_is_status_3_and_names_near_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["rules", "show", "APV-01"]) == 3
    assert "APV-010" in told(capsys)


def test_json_of_a_year_counts_the_working_days_of_the_notice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["calendar", "show", "2025", "--json"]) == 0

    # 国办发明电〔2024〕12号: of 261 weekdays in 2025, 18 are off; 5 weekend days are worked.
    year = orjson.loads(capsys.readouterr().out)
    kinds = {day["day"]: day["kind"] for day in year["days"]}
    assert kinds["2025-10-08"] == "holiday"
    assert kinds["2025-10-11"] == "makeup"
    assert year["working_days"] == 248


def test_a_notice_is_added_once_and_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notice = tmp_path / "notice.yaml"
    notice.write_text(
        "number: 测试〔2026〕1号\nyear: 2027\nissued: 2026-11-01\ndays_off: [2027-01-01]\n",
        encoding="utf-8",
    )
    rules = tmp_path / "rules"

    assert run(["calendar", "load", str(notice), "--rules", str(rules)]) == 0
    assert run(["calendar", "load", str(notice), "--rules", str(rules)]) == 0
    assert len(list((rules / "calendar").iterdir())) == 1


def test_a_notice_with_a_stray_day_is_status_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notice = tmp_path / "notice.yaml"
    notice.write_text(
        "number: 测试\nyear: 2027\nissued: 2026-11-01\ndays_off: [2029-01-01]\n", encoding="utf-8"
    )

    assert run(["calendar", "load", str(notice), "--rules", str(tmp_path)]) == 3
    assert f"{notice}:4" in told(capsys)


def test_a_wrong_setting_is_status_3_and_named_without_its_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("APPROVAL_POOL_SIZE", "a-secret")

    status = run(["--lang", "en", "api", "approval", "--port", str(free_port())])

    text = told(capsys)
    assert status == 3
    assert "POOL_SIZE" in text
    assert "a-secret" not in text
