"""The demonstration's roles: no sign-in on this machine, but a choice of who one is.

A cookie names the role. Must never count beyond loopback, whatever the cookie says: what already
lets the demonstration in is asked first, and the address must be this machine's own.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, cast
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from starlette.responses import RedirectResponse

from libs.common.identity import csrf
from libs.common.identity.actor import Actor, Identify
from libs.common.identity.addresses import origin, own_path
from libs.common.identity.loopback import is_loopback
from libs.common.identity.pages import Account, account_pages
from libs.common.identity.permissions import SERVICES, Matrix
from libs.common.identity.principal import Principal
from libs.common.web.errors import Forbidden, NotFound, Unauthenticated

COOKIE: Final = "sunlight-role"
ISSUER: Final = "demonstration"
_DAY: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Who one is where nobody signs in.

    `usual`: service → the roles of its usual post, when none is chosen; `offices`: role → the
    office of the post that stands for it. `key` signs this run's forms.
    """

    matrix: Matrix
    region: str
    usual: Mapping[str, frozenset[str]]
    offices: Mapping[str, str]
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def chosen(self, request: Request) -> str | None:
        """The role that this browser has chosen; None: the usual post of each part."""
        role = request.cookies.get(COOKIE)
        return role if role in self.matrix.roles else None

    def identify(self, service: str, usual: Identify) -> Identify:
        """The chosen role's actor of `service`, wherever `usual` lets the demonstration in."""

        async def acting(request: Request) -> Actor:
            actor = await usual(request)
            demand_this_machine(request)
            role = self.chosen(request)
            principal = self._usual(actor, service) if role is None else self._principal(role)
            found = self.matrix.actor(principal, service)
            if not found.duties:
                raise Forbidden
            return found

        return acting

    async def account(self, request: Request) -> Account:
        """What the header shows."""
        role = self.chosen(request)
        return Account(f"demo-{role}" if role else "demo", self.csrf_token, demonstration=True)

    @property
    def csrf_token(self) -> str:
        """What the choice's form carries."""
        return csrf.token(self.key, COOKIE)

    def _usual(self, actor: Actor, service: str) -> Principal:
        roles = self.usual.get(service, frozenset())
        return Principal(ISSUER, service, actor.post, actor.office, actor.region, roles)

    def _principal(self, role: str) -> Principal:
        office = self.offices.get(role, "demo-office")
        return Principal(ISSUER, role, f"demo-{role}", office, self.region, frozenset({role}))


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
    rows: list[dict[str, Any]] = [{"name": "", "title": None, "services": SERVICES[:-1]}]
    for name, role in demo.matrix.roles.items():
        services = [service for service in SERVICES[:-1] if role.permissions.get(service)]
        rows.append({"name": name, "title": role.title, "services": services})
    return account_pages().page(
        request,
        "role.html",
        rows=rows,
        chosen=demo.chosen(request) or "",
        csrf_token=demo.csrf_token,
        next=own_path(next),
    )


@router.post("")
async def choose(
    request: Request,
    demo: Demo,
    role: Annotated[str, Form(max_length=50)] = "",
    next: Annotated[str | None, Form(max_length=2000)] = None,
) -> Response:
    """Act as another role from now on; the empty one is the usual post of each part."""
    own = origin(str(request.base_url))
    await csrf.demand(request, key=demo.key, session=COOKIE, own=own)
    if role and role not in demo.matrix.roles:
        raise NotFound
    answer = RedirectResponse(own_path(next), status_code=303)
    answer.set_cookie(COOKIE, role, max_age=_DAY, path="/", httponly=True, samesite="lax")
    return answer
