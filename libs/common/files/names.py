"""File names as people may see and save them.

A name is shown and offered for saving, and must never become part of a path of ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

LONGEST: Final = 120
"""Characters; in UTF-8 they take at most 480 bytes, and file systems of today allow 255 of most."""
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_BAD: Final = re.compile(r'[<>:"|?*]')
_BLANKS: Final = re.compile(r"\s+")


def clean_name(given: str, endings: Sequence[str], fallback: str = "附件") -> str:
    """A file name that is safe to show and to save.

    `given` is what the sender called it; of a path only the last part counts. Control, invisible
    and direction-turning characters go, and what no file system takes. `endings` are those of the
    content's kind, without the dot: a name with none of them gets the first.
    """
    last = re.split(r"[/\\]", given[:10_000])[-1]
    # Composed first: a letter and its mark are one character, and count as one.
    text = unicodedata.normalize("NFC", last)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in _HIDDEN)
    text = _BLANKS.sub(" ", _BAD.sub("_", text)).strip(" .")
    stem, dot, ending = text.rpartition(".")
    if not dot or ending.lower() not in endings:
        stem, ending = text, endings[0]
    stem = stem[: LONGEST - len(ending) - 1].strip(" .")
    if not stem or _RESERVED.fullmatch(stem.partition(".")[0]):
        stem = f"{fallback}_{stem}" if stem else fallback
    return f"{stem}.{ending.lower()}"
