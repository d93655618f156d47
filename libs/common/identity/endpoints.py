"""Sign-in, sign-out and who am I: `/auth/…`, the same for every service.

Must never answer with a token or a session's id in a body, nor send a browser elsewhere than to
the issuer and to paths of ours.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, cast
from urllib.parse import urlencode, urlsplit

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

from libs.common.identity import sign_in
from libs.common.identity.addresses import origin, own_path
from libs.common.identity.claims import ClaimsRefused
from libs.common.identity.door import Door
from libs.common.identity.pages import account_pages
from libs.common.identity.principal import Principal
from libs.common.identity.refusals import IssuerAway, NoPost
from libs.common.web import problem
from libs.common.web.errors import Unauthenticated

MOST_PARAMETERS: Final = 20
NEVER_KEPT: Final = {"Cache-Control": "no-store"}

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/auth", tags=["identity 身份"])


def door_of(request: Request) -> Door:
    """The application's door."""
    return cast("Door", request.app.state.door)


TheDoor = Annotated[Door, Depends(door_of)]
Next = Annotated[str | None, Query(max_length=2000)]


@router.get("/login")
async def login(
    request: Request, door: TheDoor, next: Next = None, moved: bool = False
) -> Response:
    """Send the browser to the issuer, and back to `next` afterwards."""
    # Under another name of this host the cookie would not come back to us. Once only: behind a
    # proxy that hides the name asked for, every request looks like that.
    if not moved and request.headers.get("host") != urlsplit(door.settings.url).netloc:
        query = urlencode({"next": own_path(next), "moved": "1"})
        return _redirect(f"{door.settings.url}/auth/login?{query}")
    now = door.clock()
    begun = sign_in.Begun.now(next, now=now)
    answer = _redirect(await sign_in.authorization_url(begun, door.provider, now=now))
    seconds = int(sign_in.ALLOWED.total_seconds())
    door.cookies.sign_in.write(answer, begun.packed(), seconds=seconds)
    return answer


@router.get("/callback")
async def callback(request: Request, door: TheDoor) -> Response:
    """What the issuer sent back: a session, or a refusal."""
    now = door.clock()
    begun = sign_in.Begun.unpacked(door.cookies.sign_in.read(request))
    claims, id_token = await sign_in.completed(
        begun,
        _once_each(request),
        provider=door.provider,
        tokens=door.tokens,
        sessions=door.sessions,
        now=now,
    )
    principal = await door.placed(_principal(door, claims))
    if before := door.cookies.session.read(request):
        await door.sessions.end(before)
    session = await door.sessions.start(principal, id_token=id_token, now=now)
    log.info("signed_in", post=principal.post, office=principal.office)
    answer = _redirect(begun.next)
    door.cookies.sign_in.clear(answer)
    door.cookies.session.write(answer, session)
    return answer


@router.post("/logout")
async def logout(request: Request, door: TheDoor) -> Response:
    """End the session here, then at the issuer where it offers that."""
    session = door.cookies.session.read(request)
    id_token = None
    if session is not None:
        await door.demand_own_page(request, session)
        id_token = await door.sessions.end(session)
    answer = _sent_on(request, await _end_session_url(door, id_token))
    door.cookies.session.clear(answer)
    return answer


@router.get("/me")
async def me(request: Request, door: TheDoor) -> JSONResponse:
    """The post that asks and what it may do at each service."""
    principal = await door.principal(request)
    may = {
        service: sorted(door.matrix.permissions(principal.roles, service))
        for service in ("approval", "trading", "monitor", "disclosure", "identity")
    }
    body = {
        "post": principal.post,
        "office": principal.office,
        "region": principal.region,
        "roles": sorted(principal.roles),
        "permissions": may,
    }
    return JSONResponse(body, headers=NEVER_KEPT)


def _once_each(request: Request) -> Mapping[str, str]:
    """The answer's parameters; one that comes twice makes it nobody's answer."""
    found = request.query_params.multi_items()
    return dict(found) if len(dict(found)) == len(found) <= MOST_PARAMETERS else {}


def _principal(door: Door, claims: Mapping[str, Any]) -> Principal:
    try:
        return door.settings.claims.principal(claims)
    except ClaimsRefused as error:
        log.warning("claims_refused", reason=str(error))
        raise NoPost from error


async def _end_session_url(door: Door, id_token: str | None) -> str:
    """RP-Initiated Logout 1.0; the home page where there is nothing to end at the issuer."""
    home = f"{door.settings.url}/"
    if id_token is None:
        return home
    try:
        discovery = await door.provider.discovery(now=door.clock())
    except IssuerAway:
        return home
    if discovery.end_session_endpoint is None:
        return home
    query = {
        "id_token_hint": id_token,
        "client_id": door.settings.client_id,
        "post_logout_redirect_uri": home,
    }
    return f"{discovery.end_session_endpoint}?{urlencode(query)}"


def _sent_on(request: Request, url: str) -> Response:
    """The way on after a form: a page leads to another host, which `form-action` would stop."""
    if request.headers.get("hx-request") == "true":
        return Response(status_code=204, headers={"HX-Redirect": url, **NEVER_KEPT})
    if origin(url) == origin(str(request.app.state.door.settings.url)):
        return _redirect(url)
    page = account_pages().render(request, "signed_out.html", url=url)
    return HTMLResponse(page, headers=NEVER_KEPT)


def _redirect(url: str) -> RedirectResponse:
    return RedirectResponse(url, status_code=303, headers=NEVER_KEPT)


async def to_sign_in(request: Request, error: Exception) -> Response:
    """The answer to Unauthenticated: for a person who opens a page the sign-in, else a problem."""
    assert isinstance(error, Unauthenticated)  # noqa: S101
    if request.method == "GET" and type(error) is Unauthenticated and problem.wants_page(request):
        query = f"?{request.url.query}" if request.url.query else ""
        asked = own_path(f"{request.url.path}{query}")
        return _redirect(f"/auth/login?{urlencode({'next': asked})}")
    return problem.shown(request, problem.from_domain(request.scope, error))
