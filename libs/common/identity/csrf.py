"""Requests that change something come from our own pages, or are refused.

Beside the cookie's `SameSite=Lax`: the browser's own word on where the request began, and a token
that only our pages know, in the form field `csrf_token` or (htmx) the header `X-CSRF-Token`.
Must never be asked of a bearer token: browsers don't send these by themselves.
"""

import hmac
from typing import Any, Final

from starlette.requests import Request

from libs.common.identity.cookies import signed
from libs.common.identity.refusals import CsrfRefused

FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRF-Token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM: Final = "application/x-www-form-urlencoded"
_LONGEST: Final = 200


def token(key: bytes, session: str) -> str:
    """The token of a session, by its id."""
    return signed(key, "csrf", session)


def same_origin(request: Request, own: str) -> bool:
    """Whether the browser says that the request began at `own` (scheme, host, port).

    `Sec-Fetch-Site` where there is one, else `Origin`; a request with neither is not ours.
    """
    site = request.headers.get("sec-fetch-site")
    told = request.headers.get("origin")
    if told is not None and told != own:
        return False
    return site == "same-origin" if site is not None else told == own


async def demand(request: Request, *, key: bytes, session: str, own: str) -> None:
    """Raise CsrfRefused for an unsafe request without both proofs."""
    if request.method in SAFE:
        return
    sent = await _sent(request)
    expected = token(key, session)
    if not same_origin(request, own) or not hmac.compare_digest(sent.encode(), expected.encode()):
        raise CsrfRefused


async def _sent(request: Request) -> str:
    header = request.headers.get(HEADER)
    if header is not None:
        return header[:_LONGEST]
    parsed: Any = getattr(request, "_form", None)
    if parsed is None:
        # An upload that its endpoint reads by itself sends the header; it is not read here.
        if not request.headers.get("content-type", "").startswith(_FORM):
            return ""
        # Read whole first, so that the endpoint can read it again.
        await request.body()
        parsed = await request.form()
    found = parsed.get(FIELD)
    return found[:_LONGEST] if isinstance(found, str) else ""
