"""Records of a CSV file: one a row, under a header.

A row that can't be read is a reject of its own; a header that lacks a column refuses the file.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from services.approval.imports import Record, Reject
from sunlight.importing.file import (
    Content,
    FileRefusedError,
    Layout,
    head,
    named,
    refused,
    wrong_encoding,
)
from sunlight.recording.faults import UnusableError
from sunlight.recording.files import MAX_LINE, Stream
from sunlight.recording.rows import Row, csv_rows

_REASONS: Final = {
    "too-long": f"这一行超过 {MAX_LINE} 字节",
    "nul": "含有字符 U+0000",
    "columns": "列数与表头不符",
    "csv": "不是合格的 CSV",
    "encoding": "编码不对,无法解读",
}


def read_table(path: Path, layout: Layout, encoding: str, most: int) -> Content:
    """The records of a CSV file, `most` at most. Raises FileRefusedError."""
    columns = _columns(path, layout, encoding)
    unused = {name for name in columns if layout.field_of(name) is None}
    content = Content(path, most, unused=unused)
    stream = Stream(path)
    try:
        for row in csv_rows(stream, encoding):
            _take(row, layout, content)
    except UnusableError as error:
        raise refused(path, error) from error
    finally:
        stream.close()
    return content


def _take(row: Row, layout: Layout, content: Content) -> None:
    if row.fields is not None:
        content.take(Record(row.number, named(row.fields, layout, content.unused)))
    elif row.fault is not None:
        zh = _REASONS.get(row.fault.code, str(row.fault))
        content.take(Reject(row.number, "-", row.excerpt()[:80], zh, str(row.fault)))


def _columns(path: Path, layout: Layout, encoding: str) -> list[str]:
    """The names of the header. Raises FileRefusedError where one is missing or stands twice."""
    first = head(path, MAX_LINE).removeprefix(b"\xef\xbb\xbf")
    try:
        line = first.decode(encoding)
    except UnicodeDecodeError as error:
        raise wrong_encoding(path, encoding, error) from error
    try:
        cells = next(csv.reader([line]), [])
    except csv.Error as error:
        raise FileRefusedError(path, f"表头不是 CSV:{error}", f"header: {error}") from error
    columns = [name.strip() for name in cells]
    fields = [own for name in columns if (own := layout.field_of(name))]
    twice = sorted({own for own in fields if fields.count(own) > 1})
    if twice:
        names = ", ".join(twice)
        raise FileRefusedError(path, f"重复的列:{names}", f"columns that stand twice: {names}")
    missing = [own for own in layout.required if own not in fields]
    if missing:
        wanted = ", ".join("/".join((own, *layout.names.get(own, ()))) for own in missing)
        there = ", ".join(columns)[:200]
        raise FileRefusedError(
            path,
            f"缺少列:{wanted}(现有:{there})",
            f"columns missing: {wanted} (there are: {there})",
        )
    return columns
