"""The digest of a file's content: its name in the store, and its ETag.

Sixty-four hexadecimal digits and nothing else, so that no path can be made of anything else.
"""

from __future__ import annotations

import re
from typing import Final, NewType

Digest = NewType("Digest", str)
"""SHA-256 (FIPS 180-4) of a whole file, in lower-case hexadecimal digits."""
_DIGITS: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


def digest_of(text: str) -> Digest:
    """The text as a digest. Raises ValueError for anything else."""
    if not _DIGITS.fullmatch(text):
        raise ValueError("not a SHA-256 digest")
    return Digest(text)
