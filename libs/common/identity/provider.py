"""The issuer as its discovery document describes it, and the two calls we make to it.

OpenID Connect Core 1.0, Discovery 1.0, RFC 7636 (PKCE). Must never follow a redirect, nor send
a secret to an address that the configured issuer did not name. Whatever keeps the issuer from
answering properly is IssuerAway.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from libs.common.identity.addresses import is_confidential
from libs.common.identity.refusals import IssuerAway, SignInRefused
from libs.common.identity.settings import IdentitySettings

WELL_KNOWN: Final = "/.well-known/openid-configuration"
KEEP: Final = timedelta(hours=1)
PAUSE: Final = timedelta(seconds=5)
LARGEST: Final = 256 * 1024
TIMEOUT: Final = httpx.Timeout(5.0)

log = structlog.get_logger(__name__)


class Discovery(BaseModel):
    """What we use of an issuer's metadata; every address is https or on this machine."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    authorization_response_iss_parameter_supported: bool = False
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)

    @field_validator("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint")
    @classmethod
    def _confidential(cls, value: str | None) -> str | None:
        if value is not None and not is_confidential(value):
            raise ValueError("not https")
        return value


class Provider:
    """The configured issuer, reached by `client` (which must not follow redirects)."""

    def __init__(self, settings: IdentitySettings, client: httpx.AsyncClient) -> None:
        self.settings = settings
        self.client = client
        self._known: Discovery | None = None
        self._until: datetime | None = None
        self._failed: datetime | None = None
        self._lock = asyncio.Lock()

    async def discovery(self, *, now: datetime) -> Discovery:
        """The metadata, asked for once an hour; after a failure not again for a moment."""
        async with self._lock:
            if self._known is None or self._until is None or now >= self._until:
                # Those who waited behind a slow failure must not each wait for their own.
                if self._failed is not None and now - self._failed < PAUSE:
                    raise IssuerAway
                self._failed = now
                self._known = await self._discover()
                self._until, self._failed = now + KEEP, None
            return self._known

    async def _discover(self) -> Discovery:
        body = await self.get_json(f"{self.settings.issuer_url.rstrip('/')}{WELL_KNOWN}")
        try:
            found = Discovery.model_validate(body)
        except ValidationError as error:
            log.warning("issuer_discovery_refused", fields=[e["loc"] for e in error.errors()])
            raise IssuerAway from error
        # Discovery 1.0, 4.3: another issuer's document would lend us its keys.
        if found.issuer != self.settings.issuer_url:
            log.warning("issuer_discovery_refused", fields=["issuer"])
            raise IssuerAway
        return found

    async def keys(self, *, now: datetime) -> Mapping[str, Any]:
        """The issuer's JWK Set as it is now."""
        return await self.get_json((await self.discovery(now=now)).jwks_uri)

    async def exchange(self, code: str, verifier: str, *, now: datetime) -> str:
        """The ID token for an authorization code. Raises SignInRefused for a code refused."""
        discovery = await self.discovery(now=now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.callback,
            "client_id": self.settings.client_id,
            "code_verifier": verifier,
        }
        secret = self.settings.client_secret.get_secret_value()
        auth = None
        if secret and "client_secret_basic" in discovery.token_endpoint_auth_methods_supported:
            auth = httpx.BasicAuth(self.settings.client_id, secret)
        elif secret:
            form["client_secret"] = secret
        status, body = await self._json("POST", discovery.token_endpoint, form, auth)
        found = body.get("id_token")
        if status != httpx.codes.OK or not isinstance(found, str):
            log.info("sign_in_code_refused", status=status)
            raise SignInRefused
        return found

    async def get_json(self, url: str) -> Mapping[str, Any]:
        """A JSON object by GET; IssuerAway for anything but a 200."""
        status, body = await self._json("GET", url)
        if status != httpx.codes.OK:
            log.warning("issuer_away", status=status)
            raise IssuerAway
        return body

    async def _json(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None = None,
        auth: httpx.BasicAuth | None = None,
    ) -> tuple[int, Mapping[str, Any]]:
        """Status and JSON object of an answer; a 5xx, no JSON or no answer is IssuerAway."""
        request = self.client.build_request(
            method, url, data=form, headers={"Accept": "application/json"}, timeout=TIMEOUT
        )
        try:
            async with asyncio.timeout(10):
                answer = await self.client.send(
                    request, auth=auth, stream=True, follow_redirects=False
                )
                try:
                    content = await _content(answer)
                finally:
                    await answer.aclose()
                body = httpx.Response(answer.status_code, content=content).json()
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            log.warning("issuer_away", error=type(error).__name__)
            raise IssuerAway from error
        if answer.status_code >= 500 or not isinstance(body, dict):
            log.warning("issuer_away", status=answer.status_code)
            raise IssuerAway
        return answer.status_code, body


async def _content(answer: httpx.Response) -> bytes:
    content = b""
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > LARGEST:
            raise ValueError("answer too large")
    return content
