"""The issuer's public keys, kept and asked for anew when a token names one we don't know.

Asked for at most once in `REFETCH`, so that tokens with made-up key ids are no load on the issuer;
kept at most `KEEP`, so that a key it has withdrawn does not count for ever. Must never take an
encryption key or a shared key for a signature.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from libs.common.identity.refusals import IssuerAway

REFETCH: Final = timedelta(seconds=30)
KEEP: Final = timedelta(hours=1)
"""Long enough for an issuer that is away for a while, short enough for a stolen key."""
MOST: Final = 50
SHORTEST_MODULUS: Final = 342
"""Of an RSA key of 2048 bits, in base64url."""
PublicKey = RSAKey | ECKey | OKPKey
Fetch = Callable[[datetime], Awaitable[Mapping[str, Any]]]

log = structlog.get_logger(__name__)


class Keys:
    """A JWK Set by key id; `fetch` asks the issuer for it."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._keys: dict[str, PublicKey] = {}
        self._fetched: datetime | None = None
        self._asked: datetime | None = None
        self._lock = asyncio.Lock()

    async def find(self, kid: str, *, now: datetime) -> PublicKey | None:
        """The key, None where the issuer has none of this id. Raises IssuerAway.

        Without any keys to judge by it is IssuerAway, never None: we don't know.
        """
        # A known key waits for nobody, whatever another token made us ask for.
        if self._stale(now) or kid not in self._keys:
            async with self._lock:
                if (stale := self._stale(now)) or kid not in self._keys:
                    await self._refresh(stale=stale, now=now)
        return self._keys.get(kid)

    def _stale(self, now: datetime) -> bool:
        return self._fetched is None or now - self._fetched >= KEEP

    async def _refresh(self, *, stale: bool, now: datetime) -> None:
        if self._asked is not None and now - self._asked < REFETCH:
            if stale:
                raise IssuerAway
            return
        self._asked = now
        # An issuer that is away now can't tell whether the key is new: also IssuerAway.
        self._keys = signing_keys(await self._fetch(now))
        self._fetched = now


def signing_keys(jwks: Mapping[str, Any]) -> dict[str, PublicKey]:
    """The public signature keys of a JWK Set (RFC 7517) by id; keys we can't use are left out."""
    listed = jwks.get("keys")
    if not isinstance(listed, list) or len(listed) > MOST:
        raise IssuerAway
    found: dict[str, PublicKey] = {}
    for each in listed:
        if not isinstance(each, dict) or not _for_signatures(each):
            continue
        try:
            key = import_key(each)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("issuer_key_unusable", error=type(error).__name__)
            continue
        if isinstance(key, PublicKey) and not key.is_private:
            found[str(each["kid"])] = key
    return found


def _for_signatures(member: Mapping[str, Any]) -> bool:
    kind = member.get("kty")
    if kind not in {"RSA", "EC", "OKP"} or member.get("use", "sig") != "sig":
        return False
    strong = kind != "RSA" or len(str(member.get("n", ""))) >= SHORTEST_MODULUS
    return strong and bool(member.get("kid"))
