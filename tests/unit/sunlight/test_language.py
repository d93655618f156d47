"""The language of the command line."""

import pytest

from sunlight.commands.language import UnknownLanguageError, choose, of_locale, say


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "zh_CN"}, "zh"),
        ({}, "en"),
    ],
)
def test_the_first_locale_variable_that_is_set_decides(env: dict[str, str], expected: str) -> None:
    assert of_locale(env) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ["--lang", "zh", "rules", "list"],
        ["rules", "--lang=zh", "list"],
        ["rules", "list", "--lang", "zh"],
    ],
)
def test_lang_may_stand_anywhere_and_overrides_the_locale(arguments: list[str]) -> None:
    rest = choose(arguments, {"LANG": "en_GB.UTF-8"})

    assert rest == ["rules", "list"]
    assert say("中", "en") == "中"


def test_what_follows_two_dashes_is_left_alone() -> None:
    assert choose(["replay", "--", "--lang"], {}) == ["replay", "--", "--lang"]


@pytest.mark.parametrize("arguments", [["--lang", "fr"], ["--lang"], ["--lang="]])
def test_a_language_that_is_not_ours_is_refused(arguments: list[str]) -> None:
    with pytest.raises(UnknownLanguageError):
        choose(arguments, {})
