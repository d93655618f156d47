"""A provider of somebody else's in miniature: its keys and tokens are what a test makes them.

Signs with `cryptography` through joserfc, like ours; what a token says is up to the test.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.types import Receive, Scope, Send

URL = "https://id.example/realms/city"
PARAMETERS: Any = {"use": "sig", "alg": "RS256"}


def key() -> RSAKey:
    """A signing key; short, for speed."""
    return RSAKey.generate_key(2048, PARAMETERS, auto_kid=True)


@dataclass
class Foreign:
    """The provider. `away` makes it answer 502; `asked` counts what it was asked for."""

    keys: list[RSAKey] = field(default_factory=lambda: [key()])
    url: str = URL
    away: bool = False
    asked: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    more_keys: list[dict[str, Any]] = field(default_factory=list)
    raw: bytes | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix("/realms/city")
        self.asked.append(path)
        status, body = 200, json.dumps(self._answer(path)).encode()
        if self.away:
            status, body = 502, b"<html>bad gateway</html>"
        if self.raw is not None:
            body = self.raw
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, path: str) -> dict[str, Any]:
        if path == "/keys":
            public = KeySet(list(self.keys)).as_dict(private=False)
            return {"keys": [*public["keys"], *self.more_keys]}
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            **self.metadata,
        }

    def client(self) -> httpx.AsyncClient:
        """How the platform reaches it."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self))

    def token(
        self, *, header: dict[str, Any] | None = None, by: RSAKey | None = None, **changes: Any
    ) -> str:
        """An access token; a claim that is changed to None is left out."""
        signer = by or self.keys[0]
        now = datetime.now(UTC)
        claims = {
            "iss": self.url,
            "sub": "client-1",
            "aud": "sunlight-api",
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "post": "system-1",
            "office": "office-1",
            "region": "990102",
            "roles": ["clerk"],
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        named = {"alg": "RS256", "kid": signer.kid, **(header or {})}
        return jwt.encode(named, kept, signer, algorithms=[named["alg"]])


def part(value: dict[str, Any]) -> str:
    """A part of a token made by hand."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
