"""The query code (查询码): with the case number it opens the progress page.

Eight signs of 32 that nobody takes for one another: 40 bits, and ten wrong tries close the number.
Must never stand in an address, a log, a metric or an event.
"""

import secrets
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH: Final = 8


def new_code() -> str:
    """A random code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def one_form(typed: str) -> str:
    """What was typed, as codes are written: raised, without blanks and hyphens."""
    return "".join(typed.split()).replace("-", "").upper()


def shown(code: str) -> str:
    """In two halves, as people read and type it."""
    return f"{code[:4]}-{code[4:]}"
