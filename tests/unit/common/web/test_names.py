"""Names of codes: taken as written, both languages, errors that name file and line."""

from pathlib import Path

import pytest

from libs.common.web.names import NamesError, installed_names, read_names

WATER = {"zh": "市水务局", "en": "Water Bureau"}


def file_of(folder: Path, text: str) -> Path:
    path = folder / "names.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_code_is_called_as_the_file_says(tmp_path: Path) -> None:
    path = file_of(tmp_path, '"119901": {zh: 市水务局, en: Water Bureau}\n')
    assert installed_names({"SUNLIGHT_NAMES": str(path)}).of("119901") == WATER


@pytest.mark.parametrize("code", ["0123", "0x1F", "1e5", "119901000000000355"])
def test_a_code_without_quotes_is_taken_as_it_is_written(tmp_path: Path, code: str) -> None:
    path = file_of(tmp_path, f"{code}: {{zh: 市水务局, en: Water Bureau}}\n")
    assert read_names(path).of(code) == WATER


def test_a_code_without_a_name_is_shown_as_it_is() -> None:
    names = installed_names({})
    assert names.of("990100") == {"zh": "990100", "en": "990100"}
    assert not names.knows("990100")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('"1": {zh: 甲, en: A}\n"2": {zh: 乙}\n', 2),
        ('"1": {zh: 甲, en: A}\n"2": {zh: 乙, en: ""}\n', 2),
        ('"1": {zh: 甲, en: A}\n"2": 乙\n', 2),
        ('"1": {zh: 甲, en: A}\n\n"1": {zh: 乙, en: B}\n', 3),
        ('"1": {zh: 甲, en: A}\n"2": {zh: [乙], en: B}\n', 2),
        ('"1": {zh: 甲, en: A}\n"2": {zh: 乙, en: B, fr: C}\n', 2),
        ("- 1\n", 1),
        ('"1": {zh: 甲, en: A}\n? [1]\n: {zh: 甲, en: A}\n', 2),
        ('"1": {zh: 甲, en: A}\n"2": {zh: 乙\n', 3),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    path = file_of(tmp_path, text)
    with pytest.raises(NamesError, match=f"^{path}:{line}: "):
        read_names(path)


def test_a_file_that_is_not_there_is_refused_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(NamesError, match="SUNLIGHT_NAMES"):
        installed_names({"SUNLIGHT_NAMES": str(tmp_path / "none.yaml")})


def test_an_empty_file_names_nothing(tmp_path: Path) -> None:
    assert not read_names(file_of(tmp_path, "")).entries
