"""The door of an installation: who asks, by session or by bearer token, or nobody.

A service is given `Door.identify(service)` as its `Identify`. The issuer says which post acts and
with which roles; of a post that the organisation knows, the organisation says where it stands.
Must never let a request in that neither proves: no session, no valid token, an issuer that is
away, a post that has ended; and never fall back from a refused token to a cookie.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from starlette.requests import Request

from libs.common.db.engine import Pool
from libs.common.directory.places import Places
from libs.common.identity import csrf
from libs.common.identity.actor import Actor, Identify
from libs.common.identity.addresses import origin
from libs.common.identity.claims import ClaimsRefused
from libs.common.identity.cookies import Cookies
from libs.common.identity.keys import Keys
from libs.common.identity.permissions import Matrix
from libs.common.identity.principal import Principal
from libs.common.identity.provider import Provider
from libs.common.identity.refusals import NoPost, PostEnded, TokenRefused
from libs.common.identity.sessions import Sessions
from libs.common.identity.settings import IdentitySettings
from libs.common.identity.tokens import TokenInvalid, Tokens
from libs.common.web.errors import Forbidden, Unauthenticated

Clock = Callable[[], datetime]
LONGEST_HEADER: Final = 20_000
STREAM: Final = "text/event-stream"

log = structlog.get_logger(__name__)


def real_time() -> datetime:
    """Now. Sessions and tokens live by real time, also where a demonstration's city does not."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Door:
    """Everything that knowing who asks takes."""

    settings: IdentitySettings
    matrix: Matrix
    provider: Provider
    tokens: Tokens
    sessions: Sessions
    cookies: Cookies
    places: Places
    clock: Clock

    @classmethod
    def of(
        cls,
        settings: IdentitySettings,
        matrix: Matrix,
        provider: Provider,
        pool: Pool,
        clock: Clock = real_time,
    ) -> "Door":
        """The door of these settings; `pool` is of the schema `identity`."""
        keys = Keys(lambda now: provider.keys(now=now))
        sessions = Sessions(pool, settings.idle, settings.lifetime)
        tokens = Tokens(settings, keys)
        places = Places(pool, ZoneInfo(settings.zone))
        cookies = Cookies.of(settings)
        return cls(settings, matrix, provider, tokens, sessions, cookies, places, clock)

    async def principal(self, request: Request) -> Principal:
        """Who asks, from where its post stands now; asked once per request.

        Raises Unauthenticated, CsrfRefused, IssuerAway, PostEnded.
        """
        kept = request.scope.setdefault("state", {})
        if "principal" not in kept:
            sent = request.headers.get("authorization")
            known = self._by_session(request) if sent is None else self._by_bearer(sent)
            kept["principal"] = await self.placed(await known)
        found: Principal = kept["principal"]
        return found

    async def placed(self, principal: Principal) -> Principal:
        """The principal with the office and region of its post, where the organisation knows it.

        Raises PostEnded.
        """
        try:
            place = await self.places.of(principal.post, now=self.clock())
        except LookupError:
            return principal
        if place is None:
            raise PostEnded
        return replace(principal, office=place.office, region=place.region)

    async def known(self, request: Request) -> Principal | None:
        """Who looks at a page that is for anyone, None for nobody in particular."""
        session = self.cookies.session.read(request)
        if session is None:
            return None
        return await self.sessions.find(session, now=self.clock())

    def identify(self, service: str) -> Identify:
        """How `service` knows its actors; whom it grants nothing is Forbidden."""

        async def acting(request: Request) -> Actor:
            actor = self.matrix.actor(await self.principal(request), service)
            if not actor.duties:
                raise Forbidden
            return actor

        return acting

    def csrf_token(self, request: Request) -> str:
        """What forms of this session's pages carry; empty without a session."""
        session = self.cookies.session.read(request)
        return csrf.token(self._key, session) if session else ""

    async def demand_own_page(self, request: Request, session: str) -> None:
        """Raise CsrfRefused for an unsafe request that is not from a page of this session."""
        own = origin(self.settings.url)
        await csrf.demand(request, key=self._key, session=session, own=own)

    async def _by_session(self, request: Request) -> Principal:
        session = self.cookies.session.read(request)
        if session is None:
            raise Unauthenticated
        # An open page that hears of news by itself is nobody at work.
        use = STREAM not in request.headers.get("accept", "")
        found = await self.sessions.find(session, now=self.clock(), use=use)
        if found is None:
            raise Unauthenticated
        await self.demand_own_page(request, session)
        return found

    async def _by_bearer(self, header: str) -> Principal:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or len(header) > LONGEST_HEADER:
            raise TokenRefused
        try:
            claims = await self.tokens.access(token.strip(), now=self.clock())
            return self.settings.claims.principal(claims)
        except TokenInvalid as error:
            log.info("bearer_refused", reason=str(error))
            raise TokenRefused from error
        except ClaimsRefused as error:
            log.info("claims_refused", reason=str(error))
            raise NoPost from error

    @property
    def _key(self) -> bytes:
        return self.settings.secret.get_secret_value().encode()
