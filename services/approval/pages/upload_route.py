"""A page's form with a file: who sends it is known before the file is read.

The token that only our pages know stands before the file, and is told on as the header that scripts
send: what asks for it reads no form of this kind. Must never read the file, nor judge the token.
"""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.routing import APIRoute

from libs.common.files.upload import field_ahead
from libs.common.identity.csrf import FIELD, HEADER
from libs.common.web.idempotency import Handler


class UploadRoute(APIRoute):
    """A route whose form bears its token in the field `csrf_token`, before its file."""

    def get_route_handler(self) -> Handler:
        """The route's handler, told the form's token."""
        handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            if HEADER in request.headers:
                return await handler(request)
            token, whole = await field_ahead(request, FIELD)
            name, value = HEADER.lower().encode(), token.encode("latin-1", "replace")
            whole.scope["headers"] = [*whole.scope["headers"], (name, value)]
            return await handler(whole)

        return told
