"""The issuer's pages: account and password, then which post, then back to the client.

It remembers nobody: each sign-in asks for the password. Must never tell what part of a credential
was wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from libs.common.identity import csrf
from libs.common.identity.addresses import origin
from libs.common.identity.refusals import CsrfRefused, NoPost, SignInRefused
from sunlight.issuer import accounts, attempts, codes
from sunlight.issuer.accounts import Post
from sunlight.issuer.asked import Asked, Faulty, asked
from sunlight.issuer.context import (
    NEVER_KEPT,
    Issuer,
    form_of,
    issuer_of,
    plain,
    redirect,
)

router = APIRouter(prefix="/issuer")


@router.get("/authorize")
async def authorize(request: Request) -> Response:
    """The sign-in page."""
    issuer = issuer_of(request)
    wanted = asked(plain(request.query_params.multi_items()), issuer.client, issuer.url)
    if isinstance(wanted, Faulty):
        return redirect(wanted.url)
    return _sign_in_page(request, wanted)


@router.post("/authorize")
async def sign_in(request: Request) -> Response:
    """Account and password: on to the client, or to the choice of a post."""
    issuer, given, wanted = await _submitted(request)
    login, password = given.get("login", "").strip().lower(), given.get("password", "")
    address, now = request.client.host if request.client else "", issuer.clock()
    if not await attempts.allowed(issuer.pool, login, address, now=now):
        return _sign_in_page(request, wanted, login=login, fault="auth.too_many", status=429)
    found = await accounts.find(issuer.pool, login)
    kept = found.password if found else None
    if not await issuer.passwords.matches(password, kept) or found is None:
        return _sign_in_page(request, wanted, login=login, fault="auth.wrong", status=401)
    await attempts.forget(issuer.pool, login, address, now=now)
    held = await accounts.posts(issuer.pool, found.id)
    if not held:
        raise NoPost
    if len(held) > 1:
        ticket = issuer.mint.ticket(found.id, wanted.challenge, now=now)
        return _choice_page(request, wanted, held, ticket)
    return await _granted(issuer, wanted, found.id, held[0])


@router.post("/post")
async def choose_post(request: Request) -> Response:
    """Which of its posts the account acts from."""
    issuer, given, wanted = await _submitted(request)
    ticket = given.get("ticket", "")
    account = issuer.mint.redeemed(ticket, wanted.challenge, now=issuer.clock())
    if account is None:
        raise SignInRefused
    held = await accounts.posts(issuer.pool, account)
    chosen = next((post for post in held if post.post == given.get("post")), None)
    if chosen is None:
        raise SignInRefused
    return await _granted(issuer, wanted, account, chosen)


async def _granted(issuer: Issuer, wanted: Asked, account: UUID, post: Post) -> Response:
    grant = codes.Grant(
        wanted.client, wanted.redirect_uri, wanted.challenge, wanted.nonce, account, post.post
    )
    code = await codes.give(issuer.pool, grant, now=issuer.clock())
    return redirect(wanted.answer(issuer.url, code=code))


async def _submitted(request: Request) -> tuple[Issuer, Mapping[str, str], Asked]:
    """A form of our own page and the request it carries on."""
    issuer = issuer_of(request)
    if not csrf.same_origin(request, origin(issuer.url)):
        raise CsrfRefused
    given = await form_of(request)
    wanted = asked(given, issuer.client, issuer.url)
    if isinstance(wanted, Faulty):
        raise SignInRefused
    return issuer, given, wanted


def _sign_in_page(
    request: Request, wanted: Asked, *, login: str = "", fault: str = "", status: int = 200
) -> Response:
    values: dict[str, Any] = {
        "carried": wanted.carried(),
        "login": login[:100],
        "problem_text": fault,
    }
    answer = issuer_of(request).pages.page(request, "sign_in.html", status=status, **values)
    answer.headers.update(NEVER_KEPT)
    return answer


def _choice_page(request: Request, wanted: Asked, held: list[Post], ticket: str) -> Response:
    values: dict[str, Any] = {"carried": wanted.carried(), "posts": held, "ticket": ticket}
    answer = issuer_of(request).pages.page(request, "choose_post.html", **values)
    answer.headers.update(NEVER_KEPT)
    return answer
