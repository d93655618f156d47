"""Texts stand side by side; a missing one is an error in tests."""

from pathlib import Path

import pytest

from libs.common.web.i18n import MissingTextError, Translator

CATALOGUE = {"due": {"left": {"zh": "还剩 {days} 个工作日", "en": "{days} working days left"}}}


def test_text_is_given_in_both_languages_with_its_values() -> None:
    t = Translator(CATALOGUE)
    assert t.text("zh", "due.left", days=2) == "还剩 2 个工作日"
    assert t.text("en", "due.left", days=2) == "2 working days left"


def test_missing_key_is_an_error() -> None:
    with pytest.raises(MissingTextError, match=r"due\.over"):
        Translator(CATALOGUE).text("zh", "due.over")


def test_missing_value_is_an_error() -> None:
    with pytest.raises(MissingTextError, match="days"):
        Translator(CATALOGUE).text("zh", "due.left")


def test_text_in_one_language_only_is_refused_when_loaded() -> None:
    with pytest.raises(MissingTextError, match="due"):
        Translator({"due": {"zh": "到期"}})


def test_production_shows_the_key_instead_of_failing() -> None:
    assert Translator(CATALOGUE, strict=False).text("en", "due.over") == "due.over"


def test_later_catalogue_wins(tmp_path: Path) -> None:
    own = tmp_path / "texts.yaml"
    own.write_text("due: {left: {zh: 甲, en: A}}", encoding="utf-8")
    assert Translator(CATALOGUE, own).text("en", "due.left") == "A"
