"""Texts in Chinese and English, side by side, one catalogue per service.

A catalogue is YAML: `key: {zh: ..., en: ...}`, nested keys joined by dots; placeholders as in
`str.format`. Must never fall back from one language to the other.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from libs.common.web.language import LANGUAGES, Language


class MissingTextError(LookupError):
    """A key that no catalogue has, or a text without its placeholder's value."""


class Translator:
    """Looks texts up in one or more catalogues; later ones win.

    With `strict` (the default) a missing key raises MissingTextError; without it the key is
    shown, so that a page in production never fails over a word.
    """

    def __init__(self, *catalogues: Mapping[str, Any] | Path, strict: bool = True) -> None:
        self.strict = strict
        self.texts: dict[str, Mapping[str, str]] = {}
        for catalogue in catalogues:
            self.texts.update(_flat(_read(catalogue)))

    def text(self, language: Language, key: str, /, **values: Any) -> str:
        """The text of `key`, with `values` filled in."""
        entry = self.texts.get(key)
        if entry is None:
            return self._missing(f"no text {key!r}", key)
        try:
            return entry[language].format(**values)
        except KeyError as error:
            return self._missing(f"text {key!r} wants {error}", entry[language])

    def has(self, key: str) -> bool:
        """Whether a catalogue has `key`."""
        return key in self.texts

    def _missing(self, reason: str, shown: str) -> str:
        if self.strict:
            raise MissingTextError(reason)
        return shown


def _read(catalogue: Mapping[str, Any] | Path) -> Mapping[str, Any]:
    return _file(catalogue) if isinstance(catalogue, Path) else catalogue


@cache
def _file(path: Path) -> Mapping[str, Any]:
    """A catalogue's content, read once: the files are the program's own."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    for name, node in tree.items():
        key = f"{prefix}{name}"
        if not isinstance(node, Mapping):
            raise MissingTextError(f"{key!r} must have zh and en")
        if set(node) == set(LANGUAGES):
            yield key, node
        elif set(node) & set(LANGUAGES):
            raise MissingTextError(f"{key!r} must have zh and en")
        else:
            yield from _flat(node, f"{key}.")
