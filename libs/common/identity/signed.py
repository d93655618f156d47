"""Routes that ask who is asking before they look at anything else of a request.

FastAPI reads a body and solves preconditions first: whoever is not signed in would be told what is
wrong with a request that is not theirs to make. Must never be left out where an actor is needed.
"""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.routing import APIRoute

from libs.common.identity.actor import acting
from libs.common.web.idempotency import CommandRoute, Handler


class SignedRoute(APIRoute):
    """A route that nobody reaches who is not known: Unauthenticated or Forbidden comes first."""

    def get_route_handler(self) -> Handler:
        """The route's handler, for callers who are known."""
        handler = super().get_route_handler()

        async def known(request: Request) -> Response:
            await acting(request)
            return await handler(request)

        return known


class SignedCommandRoute(SignedRoute, CommandRoute):
    """The same for commands: no transaction is begun for who is not known."""
