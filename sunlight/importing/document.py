"""Records of a YAML or JSON document: a list, or a mapping of named lists.

Each record keeps the line it begins on. YAML is read as text throughout, so that a code of digits
stays one; a document that is nested too deeply or repeats itself by reference is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from services.approval.imports import Record, Reject, shown
from sunlight.importing.file import Content, FileRefusedError, Layout, named, text_of

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
MAX_DEPTH: Final = 12
Member = tuple[int, str | None, Any]
"""The line a record begins on, the list it stands in, and the record."""


def read_document(path: Path, layout: Layout, encoding: str, suffix: str, most: int) -> Content:
    """The records of a document, `most` at most. Raises FileRefusedError."""
    text = text_of(path, encoding)
    members = _json_members(path, text) if suffix == ".json" else _yaml_members(path, text)
    content = Content(path, most)
    for line, group, record in members:
        added = layout.groups.get(group) if group is not None else {}
        if added is None:
            known = ", ".join(layout.groups)
            raise FileRefusedError(
                path, f"不认识 {group},应为 {known}", f"{group} is not known: {known} are"
            )
        if isinstance(record, Mapping):
            fields = {**added, **named(record, layout, content.unused)}
            content.take(Record(line, fields))
        else:
            zh, en = "应为对象", "should be an object"
            content.take(Reject(line, "-", shown(record), zh, en))
    return content


def _yaml_members(path: Path, text: str) -> Iterator[Member]:
    # Event by event: the composer of the C library overruns the stack on deep nesting.
    events = yaml.parse(text, _LOADER)
    try:
        yield from _Yaml(path, events).members()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{mark.line + 1}" if mark else "-"
        said = getattr(error, "problem", None) or error
        raise FileRefusedError(
            path, f"第 {place} 行不是 YAML:{said}", f"line {place} is not YAML: {said}"
        ) from error


class _Yaml:
    """A place in the events of a YAML document."""

    def __init__(self, path: Path, events: Iterator[Event]) -> None:
        self.path, self.events = path, events

    def members(self) -> Iterator[Member]:
        """The records of the outermost list, or of the lists of the outermost mapping."""
        for event in self.events:
            if isinstance(event, SequenceStartEvent):
                yield from self._listed(None)
            elif isinstance(event, MappingStartEvent):
                yield from self._grouped()
            elif isinstance(event, ScalarEvent | AliasEvent):
                _no_list(self.path, "-")

    def _grouped(self) -> Iterator[Member]:
        while not isinstance(event := next(self.events), MappingEndEvent):
            group = str(self._value(event, 0))
            if not isinstance(next(self.events), SequenceStartEvent):
                _no_list(self.path, group)
            yield from self._listed(group)

    def _listed(self, group: str | None) -> Iterator[Member]:
        while not isinstance(event := next(self.events), SequenceEndEvent):
            yield _line(event), group, self._value(event, 0)

    def _value(self, event: Event, depth: int) -> Any:
        if isinstance(event, ScalarEvent):
            return None if event.implicit[0] and event.value in _NULLS else event.value
        if depth > MAX_DEPTH or isinstance(event, AliasEvent):
            line = _line(event)
            zh, en = (
                f"第 {line} 行嵌套过深或用了引用",
                f"line {line}: nested too deeply, or an alias",
            )
            raise FileRefusedError(self.path, zh, en)
        if isinstance(event, SequenceStartEvent):
            found = []
            while not isinstance(member := next(self.events), SequenceEndEvent):
                found.append(self._value(member, depth + 1))
            return found
        fields: dict[str, Any] = {}
        while not isinstance(key := next(self.events), MappingEndEvent):
            name = str(self._value(key, depth + 1))
            fields[name] = self._value(next(self.events), depth + 1)
        return fields


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _json_members(path: Path, text: str) -> Iterator[Member]:
    """Walks the outer brackets itself, so that the place of each record is known."""
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    walk = _Walk(path, text, decoder)
    if walk.take("["):
        yield from ((line, None, record) for line, record in walk.members())
    elif walk.take("{"):
        yield from _json_lists(path, walk)
    else:
        _no_list(path, "-")
    walk.end()


def _json_lists(path: Path, walk: _Walk) -> Iterator[Member]:
    if walk.take("}"):
        return
    while True:
        _, group = walk.value()
        walk.need(":")
        if not walk.take("["):
            _no_list(path, str(group))
        yield from ((line, str(group), record) for line, record in walk.members())
        if not walk.take(","):
            walk.need("}")
            return


class _Walk:
    """A place in a JSON text, and the line it is on."""

    def __init__(self, path: Path, text: str, decoder: json.JSONDecoder) -> None:
        self.path, self.text, self.decoder = path, text, decoder
        self.place = self.counted = 0
        self.line = 1

    def _skip(self) -> None:
        while self.place < len(self.text) and self.text[self.place] in " \t\r\n":
            self.place += 1
        self.line += self.text.count("\n", self.counted, self.place)
        self.counted = self.place

    def take(self, sign: str) -> bool:
        """Go past `sign`, if it is next."""
        self._skip()
        found = self.text.startswith(sign, self.place)
        self.place += len(sign) if found else 0
        return found

    def need(self, sign: str) -> None:
        """Go past `sign`, which must be next."""
        if not self.take(sign):
            self._wrong(f"expected {sign!r}")

    def value(self) -> tuple[int, Any]:
        """The next value whole, and its line."""
        self._skip()
        line = self.line
        try:
            value, self.place = self.decoder.raw_decode(self.text, self.place)
        except (ValueError, RecursionError) as error:
            self._wrong(str(error)[:100])
        return line, value

    def members(self) -> Iterator[tuple[int, Any]]:
        """The members of a list whose bracket has been passed."""
        if self.take("]"):
            return
        while True:
            yield self.value()
            if not self.take(","):
                self.need("]")
                return

    def end(self) -> None:
        """Nothing may follow."""
        self._skip()
        if self.place != len(self.text):
            self._wrong("more text after the document")

    def _wrong(self, reason: str) -> NoReturn:
        raise FileRefusedError(
            self.path,
            f"第 {self.line} 行不是 JSON:{reason}",
            f"line {self.line} is not JSON: {reason}",
        )


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _no_list(path: Path, name: str) -> NoReturn:
    raise FileRefusedError(
        path, f"{name} 下应为记录的列表", f"a list of records is expected under {name}"
    )
