"""The tokens that the issuer signs: ID tokens, access tokens, and the ticket between two pages.

Must never sign for a purpose what could be taken for another: each has its audience and `typ`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sunlight.issuer.accounts import Post
from sunlight.issuer.folder import ALGORITHM, SigningKeys

ID_TOKEN: Final = timedelta(minutes=5)
ACCESS_TOKEN: Final = timedelta(minutes=10)
TICKET: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Mint:
    """Signs for `issuer`."""

    issuer: str
    keys: SigningKeys

    def id_token(self, subject: str, post: Post, *, client: str, nonce: str, now: datetime) -> str:
        """Core 1.0, section 2, with the post's claims."""
        claims = {**_post(post), "sub": subject, "aud": client, "azp": client, "nonce": nonce}
        return self._signed("JWT", claims, now=now, good_for=ID_TOKEN)

    def access_token(
        self, subject: str, post: Post, *, audience: str, client: str, now: datetime
    ) -> str:
        """RFC 9068, with the post's claims."""
        claims = {**_post(post), "sub": subject, "aud": audience, "client_id": client}
        claims["jti"] = secrets.token_urlsafe(16)
        return self._signed("at+jwt", claims, now=now, good_for=ACCESS_TOKEN)

    def ticket(self, account: UUID, challenge: str, *, now: datetime) -> str:
        """That the password was right, for one authorization request (by its challenge)."""
        claims = {"sub": str(account), "aud": f"{self.issuer}/post", "challenge": challenge}
        return self._signed("ticket", claims, now=now, good_for=TICKET)

    def redeemed(self, ticket: str, challenge: str, *, now: datetime) -> UUID | None:
        """Whose ticket it is; None where it is not ours, old, or of another request."""
        checks = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": f"{self.issuer}/post"},
            exp={"essential": True},
            challenge={"essential": True, "value": challenge},
        )
        try:
            # By any key: one may have been followed since the ticket was given.
            token = jwt.decode(ticket, KeySet(list(self.keys.keys)), algorithms=[ALGORITHM])
            checks.validate(token.claims)
            return UUID(token.claims["sub"])
        except (JoseError, ValueError, KeyError):
            return None

    def _signed(
        self, kind: str, claims: dict[str, Any], *, now: datetime, good_for: timedelta
    ) -> str:
        key = self.keys.current
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": kind}
        times = {"iat": int(now.timestamp()), "exp": int((now + good_for).timestamp())}
        body = {"iss": self.issuer, **claims, **times}
        return jwt.encode(header, body, key, algorithms=[ALGORITHM])


def _post(post: Post) -> dict[str, Any]:
    return {
        "post": post.post,
        "office": post.office,
        "region": post.region,
        "roles": sorted(post.roles),
    }
