"""Which language the command line speaks: `--lang`, else the locale, zh or en.

Must never be asked before `choose` has seen the arguments: help texts are made on import.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Final

LANGUAGES: Final = ("zh", "en")
OPTION: Final = "--lang"
_LOCALE: Final = ("SUNLIGHT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
_chosen: list[str] = []


class UnknownLanguageError(ValueError):
    """`--lang` with something that is not one of ours, or with nothing."""


def of_locale(env: Mapping[str, str]) -> str:
    """The language of the locale: the first variable that is set decides; not Chinese is en."""
    value = next((env[name] for name in _LOCALE if env.get(name)), "")
    return "zh" if value.lower().startswith("zh") else "en"


def choose(arguments: Sequence[str], env: Mapping[str, str] = os.environ) -> list[str]:
    """Settle the language; the arguments without `--lang`, which may stand anywhere.

    Raises UnknownLanguageError.
    """
    rest: list[str] = []
    found = of_locale(env)
    _chosen[:] = [found]
    queue = list(arguments)
    while queue:
        argument = queue.pop(0)
        if argument == "--":
            rest += [argument, *queue]
            break
        if argument == OPTION:
            found = queue.pop(0) if queue else ""
        elif argument.startswith(f"{OPTION}="):
            found = argument.partition("=")[2]
        else:
            rest.append(argument)
            continue
        if found not in LANGUAGES:
            raise UnknownLanguageError(found)
    _chosen[:] = [found]
    return rest


def language() -> str:
    """The settled language, `zh` or `en`."""
    return _chosen[0] if _chosen else of_locale(os.environ)


def say(zh: str, en: str) -> str:
    """The one of two texts that is in the settled language."""
    return zh if language() == "zh" else en
