"""Numbers that name a person, so that no text with one is published. Pure."""

import re
from typing import Final

from libs.common.codes import is_resident_id

_MOBILE: Final = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_IDENTITY: Final = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")


def names_a_person(text: str) -> bool:
    """Whether a text carries a mobile number or a citizen's identity number."""
    if _MOBILE.search(text):
        return True
    return any(is_resident_id(found.upper()) for found in _IDENTITY.findall(text))
