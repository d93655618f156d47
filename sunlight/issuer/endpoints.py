"""The issuer's addresses for programs under `/issuer`: discovery, keys, token, end of session.

Must never answer an error with what part of a credential was wrong.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from sunlight.issuer import accounts, attempts, codes
from sunlight.issuer.asked import ClientUnknown
from sunlight.issuer.context import LONGEST, NEVER_KEPT, Issuer, form_of, issuer_of, redirect
from sunlight.issuer.folder import ALGORITHM
from sunlight.issuer.minting import ACCESS_TOKEN

router = APIRouter(prefix="/issuer")


@router.get("/.well-known/openid-configuration")
async def discovery(request: Request) -> dict[str, Any]:
    """Discovery 1.0, section 3."""
    issuer = issuer_of(request)
    return {
        "issuer": issuer.url,
        "authorization_endpoint": f"{issuer.url}/authorize",
        "token_endpoint": f"{issuer.url}/token",
        "jwks_uri": f"{issuer.url}/keys",
        "end_session_endpoint": f"{issuer.url}/end",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "scopes_supported": ["openid"],
        "claims_supported": ["iss", "sub", "post", "office", "region", "roles"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


@router.get("/keys")
async def keys(request: Request) -> dict[str, Any]:
    """The JWK Set."""
    issuer = issuer_of(request)
    return issuer.mint.keys.public(issuer.clock())


@router.post("/token")
async def token(request: Request) -> JSONResponse:
    """RFC 6749, 3.2: a code for an ID token, or a client's secret for an access token."""
    issuer = issuer_of(request)
    given = await form_of(request)
    match given.get("grant_type"):
        case "authorization_code":
            body = await _for_code(issuer, given)
        case "client_credentials":
            body = await _for_secret(issuer, request)
        case _:
            return _refused("unsupported_grant_type", 400)
    if body is None:
        basic = given.get("grant_type") == "client_credentials"
        return _refused(*(("invalid_client", 401) if basic else ("invalid_grant", 400)))
    return JSONResponse({**body, "token_type": "Bearer"}, headers=NEVER_KEPT)


@router.get("/end")
async def end(request: Request) -> Response:
    """RP-Initiated Logout 1.0: back to the platform; nothing is remembered here."""
    issuer = issuer_of(request)
    back = request.query_params.get("post_logout_redirect_uri", issuer.client.home)
    if back != issuer.client.home:
        raise ClientUnknown
    return redirect(back)


async def _for_code(issuer: Issuer, given: Mapping[str, str]) -> dict[str, Any] | None:
    now = issuer.clock()
    grant = await codes.take(
        issuer.pool,
        given.get("code", ""),
        client=given.get("client_id", ""),
        redirect_uri=given.get("redirect_uri", ""),
        verifier=given.get("code_verifier", ""),
        now=now,
    )
    held = await accounts.posts(issuer.pool, grant.account) if grant else []
    post = next((each for each in held if grant and each.post == grant.post), None)
    if grant is None or post is None:
        return None
    subject, client = str(grant.account), grant.client
    mint = issuer.mint
    access = mint.access_token(subject, post, audience=issuer.audience, client=client, now=now)
    id_token = mint.id_token(subject, post, client=client, nonce=grant.nonce, now=now)
    await accounts.audit(issuer.pool, "signed in", account=grant.account, post=post, now=now)
    seconds = int(ACCESS_TOKEN.total_seconds())
    return {"access_token": access, "id_token": id_token, "expires_in": seconds}


async def _for_secret(issuer: Issuer, request: Request) -> dict[str, Any] | None:
    name, secret = _basic(request.headers.get("authorization", ""))
    address, now = request.client.host if request.client else "", issuer.clock()
    if not await attempts.allowed(issuer.pool, f"client:{name}", address, now=now):
        return None
    found = await accounts.client(issuer.pool, name)
    if not await issuer.passwords.matches(secret, found[0] if found else None) or found is None:
        return None
    await attempts.forget(issuer.pool, f"client:{name}", address, now=now)
    access = issuer.mint.access_token(
        name, found[1], audience=issuer.audience, client=name, now=now
    )
    return {"access_token": access, "expires_in": int(ACCESS_TOKEN.total_seconds())}


def _basic(header: str) -> tuple[str, str]:
    """RFC 6749, 2.3.1: both halves are form-encoded before they are joined."""
    scheme, _, value = header.partition(" ")
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    known = scheme.lower() == "basic" and len(header) <= LONGEST
    return (unquote_plus(name), unquote_plus(secret)) if known else ("", "")


def _refused(error: str, status: int) -> JSONResponse:
    headers = {**NEVER_KEPT, **({"WWW-Authenticate": "Basic"} if status == 401 else {})}
    return JSONResponse({"error": error}, status_code=status, headers=headers)
