"""Looking for what must not be there: a string in every form in which it could have been kept.

As text in the encodings that files and pages use, and as the digests that anyone could make of it.
Must never print the string itself: what is found is told by its name.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, quote_plus

DIGESTS: Final = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s")


@dataclass(frozen=True, slots=True)
class Sought:
    """One form of a secret: what it is called, and its bytes."""

    name: str
    form: bytes


def forms(name: str, value: str) -> Iterator[Sought]:
    """Every form of `value`; hexadecimal ones in small letters, as `found` compares them."""
    plain = value.encode()
    escaped = json.dumps(value)[1:-1]
    entities = "".join(f"&#{ord(sign)};" for sign in value)
    texts = {
        "plain": value,
        "escaped": escaped,
        "percent": quote(value),
        "form": quote_plus(value),
        "entities": entities,
        "html": html.escape(value),
        "reversed": value[::-1],
        "base64": base64.b64encode(plain).decode().rstrip("="),
        "hex": plain.hex(),
    }
    for form, text in texts.items():
        yield Sought(f"{name} ({form})", text.lower().encode())
    yield Sought(f"{name} (utf-16)", value.encode("utf-16-be").lower())
    for kind in DIGESTS:
        digest = hashlib.new(kind, plain).digest()
        yield Sought(f"{name} ({kind})", digest)
        yield Sought(f"{name} ({kind})", digest.hex().encode())
        yield Sought(f"{name} ({kind}, base64)", base64.b64encode(digest).lower().rstrip(b"="))


def all_forms(secrets: Mapping[str, str]) -> tuple[Sought, ...]:
    """The forms of all secrets."""
    return tuple(one for name, value in secrets.items() for one in forms(name, value))


def found(hay: bytes | str, sought: tuple[Sought, ...]) -> set[str]:
    """The names of the forms that `hay` holds, whatever the case of its letters."""
    raw = hay.encode() if isinstance(hay, str) else hay
    small = raw.lower()
    # Blanks and hyphens keep nobody from reading a number.
    joined = small.translate(None, b" -\t")
    return {
        one.name for one in sought if one.form in small or one.form in raw or one.form in joined
    }
