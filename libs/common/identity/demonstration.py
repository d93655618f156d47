"""The demonstration's roles: no sign-in on this machine, but a choice of who one is.

A cookie names the role. Must never count beyond loopback, whatever the cookie says: what already
lets the demonstration in is asked first, and the address must be this machine's own.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Final, cast
from urllib.parse import urlsplit

import yaml
from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, TypeAdapter
from starlette.responses import RedirectResponse

from libs.common.identity import csrf
from libs.common.identity.actor import Actor, Identify
from libs.common.identity.addresses import HOME, origin, own_path
from libs.common.identity.loopback import is_loopback
from libs.common.identity.pages import Account, account_pages
from libs.common.identity.permissions import SERVICES, Matrix, Role
from libs.common.identity.principal import Principal
from libs.common.web.errors import Bilingual, Forbidden, NotFound, Unauthenticated

COOKIE: Final = "sunlight-role"
ISSUER: Final = "demonstration"
POSTS: Final = "SUNLIGHT_DEMO_POSTS"
"""JSON: choice → where its post stands; of a choice that is no role's name, its role and title."""
WORDS: Final = Path(__file__).parent / "demonstration.yaml"
_DAY: Final = 24 * 3600


class Post(BaseModel):
    """Where the post of a choice stands. Without a `role` the choice is a role's own name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    office: str
    region: str | None = None
    role: str | None = None
    title: Bilingual | None = None


class Guide(BaseModel):
    """What a role may try, and the page where its work is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lands: str
    does: Bilingual


def _posts() -> Mapping[str, Post]:
    return TypeAdapter(dict[str, Post]).validate_json(os.environ.get(POSTS) or "{}")


@cache
def guides() -> Mapping[str, Guide]:
    """The guides by role, in the page's order."""
    return TypeAdapter(dict[str, Guide]).validate_python(yaml.safe_load(WORDS.read_text("utf-8")))


@dataclass(frozen=True)
class Demonstration:
    """Who one is where nobody signs in.

    `usual`: service → the roles of its usual post, when none is chosen; `offices`: role → the
    office of the post that stands for it, unless `posts` says more. `key` signs this run's forms.
    """

    matrix: Matrix
    region: str
    usual: Mapping[str, frozenset[str]]
    offices: Mapping[str, str]
    posts: Mapping[str, Post] = field(default_factory=_posts)
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @cached_property
    def choices(self) -> Mapping[str, tuple[str, Post]]:
        """Choice → its role and post: every role, and what `posts` adds, beside its role."""
        found: dict[str, tuple[str, Post]] = {}
        order = {role: place for place, role in enumerate(guides())}
        for role in sorted(self.matrix.roles, key=lambda role: order.get(role, len(order))):
            office = self.offices.get(role, "demo-office")
            found[role] = (role, self.posts.get(role) or Post(office=office))
            found |= {
                choice: (role, post)
                for choice, post in self.posts.items()
                if post.role == role and choice not in self.matrix.roles
            }
        return found

    def chosen(self, request: Request) -> str | None:
        """What this browser has chosen; None: the usual post of each part."""
        choice = request.cookies.get(COOKIE)
        return choice if choice in self.choices else None

    def identify(self, service: str, usual: Identify) -> Identify:
        """The chosen role's actor of `service`, wherever `usual` lets the demonstration in."""

        async def acting(request: Request) -> Actor:
            actor = await usual(request)
            demand_this_machine(request)
            choice = self.chosen(request)
            principal = self._usual(actor, service) if choice is None else self._principal(choice)
            found = self.matrix.actor(principal, service)
            if not found.duties:
                raise Forbidden
            return found

        return acting

    async def account(self, request: Request) -> Account:
        """What the header shows."""
        choice = self.chosen(request)
        return Account(f"demo-{choice}" if choice else "demo", self.csrf_token, demonstration=True)

    @property
    def csrf_token(self) -> str:
        """What the demonstration's forms carry."""
        return csrf.token(self.key, COOKIE)

    def lands(self, choice: str) -> str:
        """The page where the work of a choice is."""
        guide = guides().get(self.choices[choice][0]) if choice else None
        return guide.lands if guide else HOME

    def _usual(self, actor: Actor, service: str) -> Principal:
        roles = self.usual.get(service, frozenset())
        return Principal(ISSUER, service, actor.post, actor.office, actor.region, roles)

    def _principal(self, choice: str) -> Principal:
        role, post = self.choices[choice]
        region = post.region or self.region
        return Principal(ISSUER, choice, f"demo-{choice}", post.office, region, frozenset({role}))


def demand_this_machine(request: Request) -> None:
    """Raise Unauthenticated unless the browser asked for an address of this machine.

    A foreign name that resolves to loopback would let another site read the answers.
    """
    # The header itself: the framework replaces a name that it finds odd by the server's own.
    try:
        asked = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        asked = ""
    if not is_loopback(asked):
        raise Unauthenticated


def is_this_machine(request: Request) -> bool:
    """Whether caller and the address that was asked for are both this machine's."""
    caller = request.client.host if request.client else ""
    try:
        demand_this_machine(request)
    except Unauthenticated:
        return False
    return is_loopback(caller)


router = APIRouter(prefix="/auth/role")


def demonstration_of(request: Request) -> Demonstration:
    """The application's demonstration, for requests of this machine alone."""
    found: Any = getattr(request.app.state, "demonstration", None)
    caller = request.client.host if request.client else ""
    if found is None or not is_loopback(caller):
        raise NotFound
    demand_this_machine(request)
    return cast("Demonstration", found)


Demo = Annotated[Demonstration, Depends(demonstration_of)]


@router.get("")
async def choice(
    request: Request,
    demo: Demo,
    next: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """The roles, and which is chosen."""
    rows: list[dict[str, Any]] = [
        {"name": "", "title": None, "does": None, "office": None, "services": SERVICES[:-1]}
    ]
    rows += [
        _row(demo.matrix.roles[role], name, role, post)
        for name, (role, post) in demo.choices.items()
    ]
    return account_pages().page(
        request,
        "role.html",
        rows=rows,
        chosen=demo.chosen(request) or "",
        csrf_token=demo.csrf_token,
        next="" if next is None else own_path(next),
    )


def _row(held: Role, name: str, role: str, post: Post) -> dict[str, Any]:
    guide = guides().get(role)
    return {
        "name": name,
        "title": post.title or held.title,
        "does": guide.does if guide else None,
        "office": post.office,
        "services": [service for service in SERVICES[:-1] if held.permissions.get(service)],
    }


@router.post("")
async def choose(
    request: Request,
    demo: Demo,
    role: Annotated[str, Form(max_length=50)] = "",
    next: Annotated[str | None, Form(max_length=2000)] = None,
) -> Response:
    """Act as another role from now on; the empty one is the usual post of each part.

    Goes on at `next`, or where the role's work is.
    """
    own = origin(str(request.base_url))
    await csrf.demand(request, key=demo.key, session=COOKIE, own=own)
    if role and role not in demo.choices:
        raise NotFound
    answer = RedirectResponse(own_path(next) if next else demo.lands(role), status_code=303)
    answer.set_cookie(COOKIE, role, max_age=_DAY, path="/", httponly=True, samesite="lax")
    return answer
