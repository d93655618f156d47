"""Which kind of file something is, told from its content alone.

Must never look at a name or at what a sender says of it: scripts, pages and programs are refused
under any name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import puremagic

from libs.common.files.container import container_kind
from libs.common.files.errors import refused

HEAD: Final = 4096
_ZIP: Final = b"PK\x03\x04"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken in: its media type, and the endings of its names."""

    media_type: str
    endings: tuple[str, ...]


KINDS: Final = (
    Kind("application/pdf", ("pdf",)),
    Kind("image/jpeg", ("jpg", "jpeg")),
    Kind("image/png", ("png",)),
    Kind("image/tiff", ("tif", "tiff")),
    Kind("application/ofd", ("ofd",)),
    Kind(f"{_OFFICE}.wordprocessingml.document", ("docx",)),
    Kind(f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",)),
)
_BY_MEDIA_TYPE: Final = {kind.media_type: kind for kind in KINDS[:4]}
_BY_ENDING: Final = {kind.endings[0]: kind for kind in KINDS[4:]}


def kind_of(path: Path) -> Kind:
    """The kind of a file on disk.

    Raises:
        FileRefused: it is of no kind that is taken in.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(_ZIP):
        return _BY_ENDING[container_kind(path)]
    for name in _likeliest(head):
        if name in _BY_MEDIA_TYPE:
            return _BY_MEDIA_TYPE[name]
    raise refused("内容不是可以接受的类型", "its content is of no kind that is taken")


def _likeliest(head: bytes) -> list[str]:
    """Media types by the signature at the beginning, those of the highest confidence alone."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return []
    best = max(match.confidence for match in found)
    return [match.mime_type for match in found if match.confidence == best]
