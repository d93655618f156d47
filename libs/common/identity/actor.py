"""Who is acting: a post of an office, never a person's name.

`create_app` is given one `Identify`; every endpoint gets its actor from it and from nowhere else.
Must never take an identity from what a request says of itself: the demonstration's actor comes
from the settings, and only where the service listens on loopback.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from libs.common.identity.loopback import is_loopback
from libs.common.web.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class Actor:
    """A post code, its office and region, and what the post may do: words of its service."""

    post: str
    office: str
    region: str
    duties: frozenset[str]


Identify = Callable[[Request], Awaitable[Actor]]


async def nobody(request: Request) -> Actor:
    """Refuse everyone: the answer of a service that was given no way to know who asks."""
    raise Unauthenticated


def loopback_only(actor: Actor, host: str) -> Identify:
    """Everyone is `actor`, provided service (`host`) and caller are both on loopback."""

    async def identify(request: Request) -> Actor:
        caller = request.client.host if request.client else ""
        if not (is_loopback(host) and is_loopback(caller)):
            raise Unauthenticated
        return actor

    return identify


async def acting(request: Request) -> Actor:
    """The request's actor, as the application's `Identify` knows it."""
    identify: Identify = request.app.state.identify
    return await identify(request)


Acting = Annotated[Actor, Depends(acting)]


async def key_owner(request: Request) -> str:
    """Whose idempotency key a request bears: the actor's, a post of an office."""
    actor = await acting(request)
    return f"{actor.office}/{actor.post}"
