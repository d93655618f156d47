"""What the codes of offices, regions and items are called.

The file that SUNLIGHT_NAMES names is YAML, `code: {zh: ..., en: ...}`, read once; what it does not
name the organisation may have told (`libs.common.directory`). Must never
invent a name: a code without one is shown as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml
from yaml import MappingNode, Node, ScalarNode

from libs.common.web.errors import Bilingual
from libs.common.web.language import LANGUAGES

VARIABLE: Final = "SUNLIGHT_NAMES"


class NamesError(ValueError):
    """The file of names can't be used; says which file, which line and why."""


@dataclass(frozen=True, slots=True)
class Names:
    """A directory of codes and their names in both languages.

    What the installation's file names goes before what the organisation has told (`learn`).
    """

    entries: Mapping[str, Bilingual] = field(default_factory=lambda: MappingProxyType({}))
    _told: dict[str, Bilingual] = field(default_factory=dict, compare=False)

    def of(self, code: str) -> Bilingual:
        """The code's name; the code itself where nobody named it."""
        return self.entries.get(code) or self._told.get(code) or dict.fromkeys(LANGUAGES, code)

    def knows(self, code: str) -> bool:
        """Whether the code has a name."""
        return code in self.entries or code in self._told

    def learn(self, told: Iterable[tuple[str, str]]) -> None:
        """Take over the official names, which are in Chinese and have no other."""
        self._told.update((code, dict.fromkeys(LANGUAGES, name)) for code, name in told)


def installed_names(env: Mapping[str, str] = os.environ) -> Names:
    """The names of this installation, none where it has no file. Raises NamesError."""
    path = env.get(VARIABLE)
    return read_names(Path(path)) if path else Names()


@cache
def read_names(path: Path) -> Names:
    """The names in a file. Raises NamesError with file and line."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise NamesError(f"{path}: {VARIABLE} names a file that can't be read: {error}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise NamesError(f"{path}:{line}: not YAML: {error.problem}") from error
    entries: dict[str, Bilingual] = {}
    for code, node in _members(path, root) if root else ():
        if code.value in entries:
            raise _wrong(path, code, f"{code.value} stands twice")
        entries[code.value] = MappingProxyType(_name(path, code, node))
    return Names(MappingProxyType(entries))


def _name(path: Path, code: ScalarNode, node: Node) -> dict[str, str]:
    found = {
        language.value: text.value.strip()
        for language, text in _members(path, node)
        if isinstance(text, ScalarNode)
    }
    if set(found) != set(LANGUAGES) or not all(found.values()):
        raise _wrong(path, code, f"{code.value} must have a name in zh and one in en, no more")
    return found


def _members(path: Path, node: Node) -> list[tuple[ScalarNode, Node]]:
    """Keys and values; a code is taken as it is written, never as a number."""
    if not isinstance(node, MappingNode):
        raise _wrong(path, node, "expected `code: {zh: ..., en: ...}`")
    for key, _ in node.value:
        if not isinstance(key, ScalarNode):
            raise _wrong(path, key, "a code must be plain text")
    members: list[tuple[ScalarNode, Node]] = node.value
    return members


def _wrong(path: Path, node: Node, reason: str) -> NamesError:
    return NamesError(f"{path}:{node.start_mark.line + 1}: {reason}")
