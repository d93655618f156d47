"""The secrets of an installation's data folder: signing keys of the issuer, the cookies' secret.

Files of mode 0600 in a folder of mode 0700. Must never use a file that others may read.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from joserfc.jwk import Key, KeySet, RSAKey

from sunlight.commands.failures import CouldNotRun

BITS: Final = 3072
ALGORITHM: Final = "RS256"
_KEYS: Final = "issuer-*.json"
_MADE: Final = "%Y%m%dT%H%M%S%f"


TOKENS_END: Final = timedelta(minutes=15)
"""By when the last token that a key has signed is good for nothing, wherever clocks differ."""


@dataclass(slots=True)
class SigningKeys:
    """The issuer's keys in `folder`, as they are there now: a rotation needs no restart."""

    folder: Path
    _read: dict[str, RSAKey] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[RSAKey, ...]:
        """Newest first: it signs with the first. Raises CouldNotRun."""
        return tuple(self._key(file) for file in _files(self.folder))

    @property
    def current(self) -> RSAKey:
        """The key to sign with."""
        return self._key(_files(self.folder)[0])

    def public(self, now: datetime) -> dict[str, Any]:
        """The JWK Set that anyone may read: without keys of which no token is good any more."""
        files = _files(self.folder)
        good: list[Key] = [self._key(file) for file in files if file not in _ended(files, now)]
        return dict(KeySet(good).as_dict(private=False))

    def _key(self, file: Path) -> RSAKey:
        if file.name not in self._read:
            self._read[file.name] = RSAKey.import_key(json.loads(_read(file)))
        return self._read[file.name]


def signing_keys(folder: Path, *, now: datetime) -> SigningKeys:
    """The keys of `folder`, a first one made where there is none. Raises CouldNotRun."""
    if not _files(_private(folder)):
        return rotate(folder, now=now)
    return SigningKeys(folder)


def rotate(folder: Path, *, now: datetime) -> SigningKeys:
    """Sign with a new key from now on; an older one stays until its last token has ended."""
    key = RSAKey.generate_key(BITS, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    body = json.dumps(key.as_dict(private=True)).encode()
    # Names sort by age.
    made = now.astimezone(UTC).strftime(_MADE)
    _write(_private(folder) / f"issuer-{made}.json", body)
    for file in _ended(_files(folder), now):
        file.unlink(missing_ok=True)
    return SigningKeys(folder)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(_KEYS), reverse=True)


def _ended(files: list[Path], now: datetime) -> set[Path]:
    """Those that were followed by a newer one so long ago that no token of theirs is good."""
    return {older for newer, older in itertools.pairwise(files) if _made(newer) + TOKENS_END <= now}


def _made(file: Path) -> datetime:
    return datetime.strptime(file.stem.removeprefix("issuer-"), _MADE).replace(tzinfo=UTC)


def cookie_secret(folder: Path) -> str:
    """What signs cookies, made once. Raises CouldNotRun."""
    return kept_secret(folder, "cookies")


def kept_secret(folder: Path, name: str) -> str:
    """A random text of the installation, made once and kept in `<name>.secret`.

    Raises CouldNotRun.
    """
    path = _private(folder) / f"{name}.secret"
    if not path.exists():
        _write(path, secrets.token_urlsafe(48).encode())
    return _read(path).decode()


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_open(folder)
    return folder


def _write(path: Path, content: bytes) -> None:
    """All or nothing, and the first of two writers wins."""
    scratch = path.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename, a link never takes the place of a file that is there.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(scratch)
    finally:
        scratch.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    _refuse_open(path)
    return path.read_bytes()


def _refuse_open(path: Path) -> None:
    found = path.stat()
    if stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid not in {os.geteuid(), 0}:
        raise CouldNotRun(
            f"{path} 可被其他用户读取或不属于当前用户。请改为仅本人可读(chmod go-rwx)",
            f"{path} can be read by others, or is not yours. Make it yours alone (chmod go-rwx)",
        )
