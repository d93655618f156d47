"""A sign-in by authorization code with PKCE (S256), from the first redirect to the claims.

What the browser must bring back (state, nonce, verifier, where to go next) is in a signed cookie,
so that a visitor who only begins costs no row; a state is good once. Must never send a code or
accept a token for a sign-in that this browser did not begin.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from libs.common.identity.addresses import own_path
from libs.common.identity.provider import Provider
from libs.common.identity.refusals import SignInRefused
from libs.common.identity.sessions import Sessions
from libs.common.identity.tokens import TokenInvalid, Tokens

ALLOWED: Final = timedelta(minutes=10)
LONGEST: Final = 4000

log = structlog.get_logger(__name__)


class Begun(BaseModel):
    """A sign-in on its way."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: str
    nonce: str
    verifier: str
    next: str
    until: int

    @classmethod
    def now(cls, next_path: str | None, *, now: datetime) -> Self:
        """A new one; `next_path` is followed only where it is a path of ours."""
        return cls(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            next=own_path(next_path),
            until=int((now + ALLOWED).timestamp()),
        )

    @property
    def challenge(self) -> str:
        """RFC 7636, 4.2: the verifier's SHA-256."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def packed(self) -> str:
        """As the cookie carries it."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode()

    @classmethod
    def unpacked(cls, value: str | None) -> Self:
        """What a cookie of ours carried. Raises SignInRefused where there was none."""
        try:
            return cls.model_validate_json(base64.urlsafe_b64decode(value or ""))
        except (binascii.Error, ValidationError) as error:
            raise SignInRefused from error


async def authorization_url(begun: Begun, provider: Provider, *, now: datetime) -> str:
    """Where the browser is sent to sign in."""
    endpoint = (await provider.discovery(now=now)).authorization_endpoint
    query = {
        "response_type": "code",
        "client_id": provider.settings.client_id,
        "redirect_uri": provider.settings.callback,
        "scope": provider.settings.scope,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": begun.challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"


async def completed(
    begun: Begun,
    answer: Mapping[str, str],
    *,
    provider: Provider,
    tokens: Tokens,
    sessions: Sessions,
    now: datetime,
) -> tuple[Mapping[str, Any], str]:
    """The verified claims and the ID token, for what the issuer sent back by the browser.

    Raises SignInRefused for an answer to another sign-in, an old or used one, or a refusal;
    IssuerAway.
    """
    ends_at = datetime.fromtimestamp(begun.until, UTC)
    if not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise SignInRefused
    if now >= ends_at:
        raise SignInRefused
    # Asked before the state is spent: while the issuer is away the sign-in may be tried again.
    discovery = await provider.discovery(now=now)
    _same_issuer(
        answer.get("iss"),
        discovery.issuer,
        required=discovery.authorization_response_iss_parameter_supported,
    )
    if not await sessions.spend(begun.state, ends_at=ends_at, now=now):
        raise SignInRefused
    code = answer.get("code", "")
    if "error" in answer or not 0 < len(code) <= LONGEST:
        log.info("sign_in_refused_by_issuer")
        raise SignInRefused
    id_token = await provider.exchange(code, begun.verifier, now=now)
    try:
        return await tokens.identity(id_token, nonce=begun.nonce, now=now), id_token
    except TokenInvalid as error:
        log.warning("id_token_refused", reason=str(error))
        raise SignInRefused from error


def _same_issuer(told: str | None, issuer: str, *, required: bool) -> None:
    """RFC 9207: a code that another issuer gave is not sent to this one."""
    if told != issuer and (required or told is not None):
        raise SignInRefused
