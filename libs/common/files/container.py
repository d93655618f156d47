"""Which document a zip container is, read from its directory alone.

Nothing is ever unpacked: what a container claims to hold is looked at, not what it holds.
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Final

from libs.common.files.errors import MEGABYTE, refused

MOST_ENTRIES: Final = 5_000
LARGEST_DIRECTORY: Final = 2 * MEGABYTE
LARGEST_CONTENT: Final = 1024 * MEGABYTE
"""What all entries together may claim to unpack to."""
_MAIN: Final = {
    "OFD.xml": "ofd",
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
}
"""The entry that each kind of document has and no other: GB/T 33190, ECMA-376."""
_PACKAGE: Final = "[Content_Types].xml"
_MACROS: Final = ("vbaproject.bin", "vbadata.xml")
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x07"
_END_SIZE: Final = 22
_LONGEST_COMMENT: Final = 65_535


def container_kind(path: Path) -> str:
    """`ofd`, `docx` or `xlsx`.

    Raises:
        FileRefused: no such document, one with macros, or one whose directory claims too much.
    """
    _modest(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        raise refused("压缩容器已损坏", "its container is damaged") from error
    names = {entry.filename for entry in entries}
    if any(_leads_out(name) for name in names):
        raise refused("内含越界的路径", "it holds a path that leads out of it")
    if any(name.lower().endswith(_MACROS) for name in names):
        raise refused("含有宏(脚本)", "it holds macros")
    if sum(entry.file_size for entry in entries) > LARGEST_CONTENT:
        raise refused("展开后过大", "it would unpack to too much")
    kinds = [kind for main, kind in _MAIN.items() if main in names]
    if len(kinds) != 1 or (kinds[0] != "ofd" and _PACKAGE not in names):
        raise refused("不是可以接受的文档", "it is no document that is taken")
    return kinds[0]


def _leads_out(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/")


def _modest(path: Path) -> None:
    """Raise FileRefused where the directory is larger than a document's: reading it costs memory.

    The end record is looked for where `zipfile` looks for it.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT - 20))
        tail = file.read()
    plain = tail[-_END_SIZE:]
    at = len(tail) - _END_SIZE
    if not (plain.startswith(_END) and plain.endswith(b"\0\0")):
        at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise refused("压缩容器已损坏", "its container is damaged")
    _, entries, directory = struct.unpack("<8sHL", tail[at + 2 : at + 16])
    if tail[max(0, at - 20) : at].startswith(_END_64):
        raise refused("压缩容器过大", "its container is too large")
    if entries > MOST_ENTRIES or directory > LARGEST_DIRECTORY:
        raise refused("压缩容器内的文件过多", "its container holds too many files")
