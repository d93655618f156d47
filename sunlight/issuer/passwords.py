"""Passwords as Argon2id hashes (RFC 9106), checked apart from the event loop, two at a time.

Must never tell by its time whether an account exists, nor keep a password.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12
LONGEST: Final = 256
FEWEST: Final = 5
"""Different characters in a password."""
AT_ONCE: Final = 2
"""A check takes 64 MiB and a core for some hundredths of a second."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """Makes and checks hashes; tests give a cheaper hasher."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _nobody: list[str] = field(default_factory=list)

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        async with self._turn:
            return await asyncio.to_thread(self.hasher.hash, password)

    async def matches(self, password: str, kept: str | None) -> bool:
        """Whether `password` is the one whose hash is `kept`; None (no account) takes as long."""
        if len(password) > LONGEST:
            return False
        if kept is None and not self._nobody:
            self._nobody.append(await self.hash("nobody's"))
        async with self._turn:
            against = self._nobody[0] if kept is None else kept
            right = await asyncio.to_thread(self._verify, against, password)
        return right and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self.hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def fault(password: str, login: str) -> tuple[str, str] | None:
    """Why a new password is refused, in both languages; None where it is good."""
    if not SHORTEST <= len(password) <= LONGEST:
        return (
            f"密码应为 {SHORTEST} 至 {LONGEST} 个字符",
            f"a password has {SHORTEST} to {LONGEST} characters",
        )
    if login.lower() in password.lower() or len(set(password)) < FEWEST:
        return (
            "密码不能包含账号,也不能由少数字符重复而成",
            "a password neither holds the account's name nor repeats a few characters",
        )
    return None
