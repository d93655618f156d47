"""The search for what must not be there finds it, in whatever form it was planted."""

import base64
import hashlib
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.system.secrets_sought import all_forms, found

NAME, NUMBER = "某甲乙", "110101190001010014"
SOUGHT = all_forms({"name": NAME, "number": NUMBER})
PLANTED: dict[str, Callable[[str], str | bytes]] = {
    "in a log line": lambda value: f'{{"event":"case.received","who":"{value}"}}',
    "escaped in JSON": lambda value: json.dumps({"who": value}),
    "in an address": lambda value: f"GET /cases?applicant={quote(value)}",
    "with blanks": " ".join,
    "in base64": lambda value: base64.b64encode(value.encode()),
    "its SHA-256 in capitals": lambda value: hashlib.sha256(value.encode()).hexdigest().upper(),
    "its SHA-256 as bytes": lambda value: b"x" + hashlib.sha256(value.encode()).digest() + b"y",
    "its MD5": lambda value: hashlib.md5(value.encode(), usedforsecurity=False).hexdigest(),
}


@pytest.mark.parametrize("value", [NAME, NUMBER], ids=["name", "number"])
@pytest.mark.parametrize("plant", list(PLANTED))
def test_what_was_planted_is_found(plant: str, value: str) -> None:
    assert found(PLANTED[plant](value), SOUGHT)


def test_what_was_not_planted_is_not_found() -> None:
    masked = '{"event":"case.received","who":"某**","number":"110101********0014"}'
    assert found(masked, SOUGHT) == set()


def test_what_was_found_is_told_by_its_name_alone() -> None:
    assert not any(NAME in name or NUMBER in name for name in found(NAME + NUMBER, SOUGHT))
