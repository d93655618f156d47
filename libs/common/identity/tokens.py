"""JSON Web Tokens (RFC 7519) from the issuer: signature, issuer, audience, time.

RFC 8725 is the list of what goes wrong. Must never look at a claim before the signature holds,
nor let the token choose among algorithms that the installation does not accept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError

from libs.common.identity.keys import Keys, PublicKey
from libs.common.identity.settings import IdentitySettings

LONGEST: Final = 16 * 1024
LONGEST_KID: Final = 200
_FAMILY: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_NEVER_ACCESS: Final = {"ID", "Refresh", "Logout"}
"""Keycloak's payload `typ` of tokens that are not for an API."""


class TokenInvalid(Exception):
    """The token is not one to rely on; the message says why, never what it held."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Verifies tokens of the configured issuer."""

    settings: IdentitySettings
    keys: Keys

    async def identity(self, token: str, *, nonce: str, now: datetime) -> Mapping[str, Any]:
        """The claims of an ID token meant for us (Core 1.0, 3.1.3.7). Raises TokenInvalid."""
        claims = await self._claims(token, audience=self.settings.client_id, now=now)
        if claims.get("nonce") != nonce:
            raise TokenInvalid("nonce of another sign-in")
        parties = claims.get("aud")
        several = isinstance(parties, list) and len(parties) > 1
        if claims.get("azp", None if several else self.settings.client_id) != (
            self.settings.client_id
        ):
            raise TokenInvalid("issued to another party")
        return claims

    async def access(self, token: str, *, now: datetime) -> Mapping[str, Any]:
        """The claims of an API client's access token (RFC 9068). Raises TokenInvalid."""
        claims = await self._claims(token, audience=self.settings.audience, now=now)
        if "nonce" in claims or claims.get("typ") in _NEVER_ACCESS:
            raise TokenInvalid("not an access token")
        return claims

    async def _claims(self, token: str, *, audience: str, now: datetime) -> Mapping[str, Any]:
        algorithm, kid = self._header(token)
        key = await self.keys.find(kid, now=now)
        if key is None:
            raise TokenInvalid("no such key")
        claims = _verified(token, key, algorithm)
        checks = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=int(self.settings.leeway.total_seconds()),
            iss={"essential": True, "value": self.settings.issuer_url},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            checks.validate(claims)
        except (JoseError, TypeError, ValueError) as error:
            raise TokenInvalid(type(error).__name__) from error
        return claims

    def _header(self, token: str) -> tuple[str, str]:
        """Algorithm and key id, before anything is believed."""
        if len(token) > LONGEST or not token.isascii():
            raise TokenInvalid("too long, or not ASCII")
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError) as error:
            raise TokenInvalid("not a signed token") from error
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self.settings.algorithms:
            raise TokenInvalid("algorithm not accepted")
        if not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_KID:
            raise TokenInvalid("no key id")
        return algorithm, kid


def _verified(token: str, key: PublicKey, algorithm: str) -> dict[str, Any]:
    if key.key_type != _FAMILY[algorithm[:2]]:
        raise TokenInvalid("algorithm of another kind of key")
    try:
        return dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
    except (JoseError, ValueError) as error:
        raise TokenInvalid(type(error).__name__) from error
