"""Reading rows: CSV, JSON lines, and OCDS documents, one input record at a time.

A record that cannot be read is given as its fault, and reading goes on with the next.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final, NamedTuple

import orjson

from sunlight.recording.faults import UnusableError, excerpt
from sunlight.recording.files import MAX_LINE, Line, Stream, lines
from sunlight.recording.json_members import members

MAX_DOCUMENT: Final = 16 * 1024 * 1024


class Row(NamedTuple):
    """An input record: its place, its fields or its fault, and how it looked."""

    number: int
    fields: dict[str, Any] | None
    fault: UnusableError | None
    excerpt: Callable[[], str]


def _broken(number: int, code: str, field: str, message: str, raw: object) -> Row:
    shown = excerpt(raw)
    return Row(number, None, UnusableError(code, field, message), lambda: shown)


def _good(number: int, fields: dict[str, Any], raw: object) -> Row:
    return Row(number, fields, None, lambda: excerpt(raw))


def json_rows(stream: Stream) -> Iterator[Row]:
    """One JSON object a line; empty lines are no records."""
    for line in lines(stream):
        if not line.text.strip(b" \t\xef\xbb\xbf"):
            continue
        yield _json_row(line)


def _json_row(line: Line) -> Row:
    if not line.whole:
        message = f"the line is longer than {MAX_LINE} bytes"
        return _broken(line.number, "too-long", "", message, line.text[:400])
    text = line.text.removeprefix(b"\xef\xbb\xbf") if line.number == 1 else line.text
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _broken(line.number, "json", "", f"not JSON: {error}", text[:400])
    return _object_row(line.number, content, text)


def _object_row(number: int, content: object, raw: object) -> Row:
    if not isinstance(content, dict):
        what = f"{type(content).__name__}, not an object"
        return _broken(number, "not-an-object", "", what, str(raw)[:400])
    return _good(number, content, raw)


def csv_rows(stream: Stream, encoding: str) -> Iterator[Row]:
    """The rows under a header, by its names; numbered by line, the header being line 1."""
    source = _CsvLines(stream, encoding)
    reader = csv.reader(source)
    header: list[str] = []
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            yield from source.take_faults()
            return
        except csv.Error as error:
            yield from source.take_faults()
            yield _broken(source.number, "csv", "", f"not CSV: {error}", source.last)
            continue
        yield from source.take_faults()
        if not header:
            header = [name.strip() for name in cells]
        elif cells:
            yield _csv_row(source, header, cells)


def _csv_row(source: _CsvLines, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        message = f"{len(cells)} cells under {len(header)} names"
        return _broken(source.number, "columns", "", message, source.last)
    return _good(source.number, dict(zip(header, cells, strict=True)), source.last)


class _CsvLines:
    """Decoded lines for the CSV reader; those that cannot be decoded are set aside."""

    def __init__(self, stream: Stream, encoding: str) -> None:
        self._lines = lines(stream)
        self._encoding = encoding
        self._faults: list[Row] = []
        self.number = 0
        self.last = ""

    def take_faults(self) -> list[Row]:
        """The faults found since last asked."""
        faults, self._faults = self._faults, []
        return faults

    def __iter__(self) -> _CsvLines:
        return self

    def __next__(self) -> str:
        for line in self._lines:
            self.number = line.number
            text = self._decoded(line)
            if text is not None:
                self.last = text[:400]
                return text + "\n"
        raise StopIteration

    def _decoded(self, line: Line) -> str | None:
        raw = line.text.removeprefix(b"\xef\xbb\xbf") if line.number == 1 else line.text
        if not line.whole:
            self._set_aside(line, "too-long", f"the line is longer than {MAX_LINE} bytes")
        elif b"\0" in raw:
            self._set_aside(line, "nul", "contains the character U+0000")
        else:
            try:
                return raw.decode(self._encoding)
            except UnicodeDecodeError as error:
                self._set_aside(line, "encoding", f"not {self._encoding}: {error.reason}")
        return None

    def _set_aside(self, line: Line, code: str, message: str) -> None:
        self._faults.append(_broken(line.number, code, "", message, line.text[:400]))


def ocds_rows(stream: Stream) -> Iterator[Row]:
    """The releases of an OCDS document: release package, record package, release, record.

    Raises:
        UnusableError: not JSON; the complete releases before the fault have been given.
    """
    parts: list[bytes] = []
    size = 0
    fault: UnusableError | None = None
    while size <= MAX_DOCUMENT and fault is None:
        try:
            data = stream.read()
        except UnusableError as error:
            fault = error
            break
        if not data:
            break
        parts.append(data)
        size += len(data)
    if size <= MAX_DOCUMENT and fault is None:
        try:
            document = orjson.loads(b"".join(parts).removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError as error:
            fault = UnusableError("json", "", f"not JSON: {error}")
        else:
            yield from _numbered(releases(document))
            return
    yield from _numbered(_split(chain(parts, iter(stream.read, b"")), fault))


def _numbered(found: Iterator[object]) -> Iterator[Row]:
    for number, release in enumerate(found, start=1):
        yield _release_row(number, release)


def _split(parts: Iterable[bytes], fault: UnusableError | None) -> Iterator[object]:
    """The releases of a package that is too large to hold, or broken by `fault`."""
    given = 0
    try:
        for name, member in members(parts):
            given += 1
            content = _loaded(member)
            yield from _of_record(content) if name == "records" else [content]
    except UnusableError as error:
        raise fault or error from error
    if fault is not None:
        raise fault
    if not given:
        message = f"one release of more than {MAX_DOCUMENT} bytes, or no package at all"
        raise UnusableError("too-long", "", message)


def _loaded(member: bytes) -> object:
    try:
        return orjson.loads(member)
    except orjson.JSONDecodeError:
        return member.decode("utf-8", "replace")


def ocds_lines(stream: Stream) -> Iterator[Row]:
    """One release, record or package a line."""
    for row in json_rows(stream):
        if row.fields is None:
            yield row
            continue
        for release in releases(row.fields):
            yield _release_row(row.number, release)


def _release_row(number: int, release: object) -> Row:
    if not isinstance(release, dict):
        what = f"a release is {type(release).__name__}, not an object"
        return _broken(number, "not-an-object", "", what, release)
    return Row(number, release, None, lambda: _shown(release))


def _shown(release: object) -> str:
    try:
        return excerpt(str(release)[:400])
    except RecursionError:
        return "(nested too deeply to show)"


def releases(document: object) -> Iterator[object]:
    """Every release in a document, whichever of the shapes it has."""
    if isinstance(document, list):
        for part in document:
            yield from releases(part)
    elif isinstance(document, dict) and isinstance(document.get("records"), list):
        for record in document["records"]:
            yield from _of_record(record)
    elif isinstance(document, dict) and isinstance(document.get("releases"), list):
        if document["releases"] and "compiledRelease" not in document:
            yield from document["releases"]
        else:
            yield from _of_record(document)
    else:
        yield document


def _of_record(record: object) -> Iterator[object]:
    """The releases a record holds; where it only links to them, the compiled one."""
    held = record.get("releases") if isinstance(record, dict) else None
    whole = [
        release
        for release in (held if isinstance(held, list) else [])
        if not (isinstance(release, dict) and "url" in release and "ocid" not in release)
    ]
    if whole:
        yield from whole
    elif isinstance(record, dict) and isinstance(record.get("compiledRelease"), dict):
        yield record["compiledRelease"]
    else:
        yield record
