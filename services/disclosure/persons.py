"""Numbers that name a person, so that no text with one is published. Pure.

People write one number in many ways: in full width, in groups, with the country before it. Must
never miss one for the way it is written.
"""

import re
import unicodedata
from typing import Final

from libs.common.codes import is_resident_id

_GAP: Final = r"[\s.\u00b7\u2010-\u2015\u2212-]?"
_MOBILE: Final = re.compile(
    rf"(?<!\d)(?:(?:\+|00)?86\)?{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)", re.ASCII
)
_IDENTITY: Final = re.compile(
    rf"(?<!\d)\d{{6}}{_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{3}}[\dXx](?![\dXx])", re.ASCII
)
_APART: Final = re.compile(_GAP.removesuffix("?"))


def names_a_person(text: str) -> bool:
    """Whether a text carries a mobile number or a citizen's identity number."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKC", text)
        if unicodedata.category(letter) != "Cf"
    )
    if _MOBILE.search(plain):
        return True
    found = (_APART.sub("", number) for number in _IDENTITY.findall(plain))
    return any(is_resident_id(number.upper()) for number in found)
