"""Access tokens of the built-in issuer, which count only while their holder does.

Its accounts and clients are rows beside the sessions, so that asking costs one look at a key. Must
never let a token outlive the client that was revoked, the account that was disabled, or the post
that was taken away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.common.db.engine import Pool
from libs.common.identity.tokens import TokenInvalid, Tokens
from sunlight.issuer import accounts


@dataclass(frozen=True)
class StandingTokens(Tokens):
    """As any issuer's, and the holder must be in use; `pool` is of the schema `identity`."""

    pool: Pool

    async def access(self, token: str, *, now: datetime) -> Mapping[str, Any]:
        """The claims of an access token whose holder has its post still. Raises TokenInvalid."""
        claims = await super().access(token, now=now)
        if claims.get("post") not in await self._posts(claims):
            raise TokenInvalid("its holder is no longer in use")
        return claims

    async def _posts(self, claims: Mapping[str, Any]) -> list[str]:
        """The posts that the holder has now: a client has one, and is its own subject."""
        subject = str(claims["sub"])
        if claims.get("client_id") == subject:
            found = await accounts.client(self.pool, subject)
            return [found[1].post] if found else []
        return [held.post for held in await accounts.posts(self.pool, UUID(subject))]
