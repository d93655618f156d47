"""Who looks at the monitor: a post of an office, never a person's name.

`create_app` is given one `Identify`; pages and API get their actor from it and from nowhere else.
Must never take an identity from what a request says of itself: the demonstration's actor comes
from the settings, and only where the service listens on loopback.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.common.web.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class Actor:
    """A post code, its office and the region it watches over."""

    post: str
    office: str
    region: str
    demo: bool = False


Identify = Callable[[Request], Awaitable[Actor]]


class Access(BaseSettings):
    """Where the service listens and, for the demonstration only, who looks (`MONITOR_…`)."""

    model_config = SettingsConfigDict(env_prefix="MONITOR_", frozen=True)

    host: str = "127.0.0.1"
    demo: bool = False
    demo_post: str = "demo-supervisor-1"
    demo_office: str = "demo-supervision"
    demo_region: str = "990100"

    def identify(self) -> Identify:
        """How this installation knows who looks; without the demonstration nobody is known."""
        if not self.demo:
            return nobody
        actor = Actor(self.demo_post, self.demo_office, self.demo_region, demo=True)
        return loopback_only(actor, self.host)


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


def is_loopback(host: str) -> bool:
    """Whether `host` is an address of this machine alone; a name counts only as `localhost`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def acting(request: Request) -> Actor:
    """The request's actor, as the application's `Identify` knows it."""
    identify: Identify = request.app.state.identify
    return await identify(request)


Acting = Annotated[Actor, Depends(acting)]
