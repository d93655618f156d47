"""Opening a file to be imported: by its name CSV, YAML or JSON, each also `.gz`.

What makes a whole file unusable is told as one error, before anything is imported. Must never take
part of a file that breaks off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from services.approval.imports import Record, Reject
from sunlight.recording.faults import UnusableError
from sunlight.recording.files import Stream

SUFFIXES: Final = (".csv", ".yaml", ".yml", ".json")
MAX_DOCUMENT: Final = 64 * 1024 * 1024
_BOMS: Final = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK\x03\x04": "Excel/ZIP"}


class FileRefusedError(ValueError):
    """A file that can't be imported at all: which, what is wrong, and what to do; bilingual."""

    def __init__(self, path: Path, zh: str, en: str) -> None:
        super().__init__(f"{path}: {en}")
        self.zh = f"{path}:{zh}"
        self.en = f"{path}: {en}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What a kind of file holds: its fields, what else they may be called, which must be there.

    `groups`: the lists of a YAML or JSON document, and what each adds to its records.
    """

    fields: frozenset[str]
    names: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    groups: Mapping[str, Mapping[str, str]]

    def field_of(self, name: str) -> str | None:
        """The field that a column or member means; None: none of ours."""
        if name in self.fields:
            return name
        return next((own for own, others in self.names.items() if name in others), None)

    def with_mapping(self, mapping: Mapping[str, str]) -> Layout:
        """The layout of a file whose columns are called as `mapping` says, field: column."""
        names = {**self.names, **{own: (column,) for own, column in mapping.items()}}
        taken = set(mapping.values())
        fields = frozenset(self.fields - (taken - mapping.keys()))
        return Layout(fields, names, self.required, self.groups)


@dataclass(slots=True)
class Content:
    """What a file holds: records, rejects that never became one, names that nobody reads.

    `most`: of records and rejects together, whatever else the file holds.
    """

    path: Path
    most: int
    records: list[Record] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unused: set[str] = field(default_factory=set)

    def take(self, one: Record | Reject) -> None:
        """Keep one more. Raises FileRefusedError for one too many."""
        if len(self.records) + len(self.rejects) >= self.most:
            zh = f"超过 {self.most} 条记录,请拆分"
            en = f"more records than fit, at most {self.most} at once: split it"
            raise FileRefusedError(self.path, zh, en)
        if isinstance(one, Record):
            self.records.append(one)
        else:
            self.rejects.append(one)


def suffix_of(path: Path) -> str:
    """The format, by the name without .gz. Raises FileRefusedError."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    suffix = suffixes[-1] if suffixes else ""
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise FileRefusedError(
            path, f"只读 {known},可为 .gz", f"read are {known}, each also with .gz"
        )
    if not path.is_file():
        raise FileRefusedError(path, "没有这个文件", "no such file")
    return suffix


def refused(path: Path, error: UnusableError) -> FileRefusedError:
    """A file whose packing is broken; nothing of it is imported."""
    return FileRefusedError(
        path, f"文件已损坏,未导入任何内容:{error}", f"{error}; nothing imported"
    )


def head(path: Path, size: int) -> bytes:
    """The first bytes. Raises FileRefusedError where they are of a format nobody reads here."""
    stream = Stream(path)
    try:
        begin = stream.readline(size)
    except UnusableError as error:
        raise refused(path, error) from error
    finally:
        stream.close()
    for mark, name in _BOMS.items():
        if begin.startswith(mark):
            raise FileRefusedError(
                path, f"是 {name} 文件,请另存为 UTF-8", f"is {name}; save it as UTF-8 text"
            )
    return begin


def text_of(path: Path, encoding: str) -> str:
    """The whole text of a document. Raises FileRefusedError."""
    head(path, 1024)
    stream = Stream(path)
    parts, size = [], 0
    try:
        while data := stream.read():
            parts.append(data)
            size += len(data)
            if size > MAX_DOCUMENT:
                raise FileRefusedError(
                    path, f"超过 {MAX_DOCUMENT} 字节", f"is longer than {MAX_DOCUMENT} bytes"
                )
        return b"".join(parts).removeprefix(b"\xef\xbb\xbf").decode(encoding)
    except UnusableError as error:
        raise refused(path, error) from error
    except UnicodeDecodeError as error:
        raise wrong_encoding(path, encoding, error) from error
    finally:
        stream.close()


def wrong_encoding(path: Path, encoding: str, error: UnicodeDecodeError) -> FileRefusedError:
    """A file that is not in the encoding it was opened with."""
    return FileRefusedError(
        path,
        f"不是 {encoding} 编码(字节 {error.start});中文表格常为 gb18030,可用 --encoding 指明",
        f"is not {encoding} (byte {error.start}); name the right one with --encoding, e.g. gb18030",
    )


def named(members: Mapping[str, Any], layout: Layout, unused: set[str]) -> dict[str, Any]:
    """The members that say something, by our names; the others' names go to `unused`."""
    found: dict[str, Any] = {}
    for name, value in members.items():
        own = layout.field_of(name)
        if own is None:
            unused.add(name)
        elif value is not None and value != "":
            found[own] = value
    return found
