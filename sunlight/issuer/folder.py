"""The secrets of an installation's data folder: signing keys of the issuer, the cookies' secret.

Files of mode 0600 in a folder of mode 0700. Must never use a file that others may read.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from joserfc.jwk import KeySet, RSAKey

from sunlight.commands.failures import CouldNotRun

BITS: Final = 3072
ALGORITHM: Final = "RS256"
_KEYS: Final = "issuer-*.json"
_COOKIES: Final = "cookies.secret"


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The issuer's keys, newest first: it signs with the first, all are published."""

    keys: tuple[RSAKey, ...]

    @property
    def current(self) -> RSAKey:
        """The key to sign with."""
        return self.keys[0]

    def public(self) -> dict[str, Any]:
        """The JWK Set that anyone may read."""
        return dict(KeySet(list(self.keys)).as_dict(private=False))


def signing_keys(folder: Path, *, now: datetime) -> SigningKeys:
    """The keys of `folder`, a first one made where there is none. Raises CouldNotRun."""
    files = sorted(_private(folder).glob(_KEYS), reverse=True)
    if not files:
        return rotate(folder, now=now)
    return SigningKeys(tuple(RSAKey.import_key(json.loads(_read(file))) for file in files))


def rotate(folder: Path, *, now: datetime) -> SigningKeys:
    """Sign with a new key from now on; tokens signed with the older ones stay good."""
    key = RSAKey.generate_key(BITS, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    body = json.dumps(key.as_dict(private=True)).encode()
    # Names sort by age.
    _write(_private(folder) / f"issuer-{now:%Y%m%dT%H%M%S%f}.json", body)
    return signing_keys(folder, now=now)


def cookie_secret(folder: Path) -> str:
    """What signs cookies, made once. Raises CouldNotRun."""
    path = _private(folder) / _COOKIES
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
        if not path.exists():
            scratch.rename(path)
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
