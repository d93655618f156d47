"""A page's form that makes something new: sent twice, it is done once.

The page puts a random key into the form; the platform's own idempotency does the rest. Must never
be used for a form that bears a version: that is refused the second time by itself.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import Request, Response

from libs.common.web.errors import Conflict
from libs.common.web.idempotency import CommandRoute, Handler, KeyReused

FIELD: Final = "form_key"


class FormSent(Conflict):
    """409: the form was sent before, with other values."""

    code = "form_sent"
    zh = "这张表单已经提交过,内容与这次不同。请重新打开收件登记再填写"
    en = "This form was sent before, with other values. Open a new one and fill it in again"


class FormRoute(CommandRoute):
    """A route whose form bears its idempotency key in the hidden field `form_key`."""

    def get_route_handler(self) -> Handler:
        """The route's handler, done at most once per form."""
        handler = super().get_route_handler()

        async def keyed(request: Request) -> Response:
            key = _key(await request.body()) if request.method == "POST" else None
            if key is None:
                return await handler(request)
            headers = [*request.scope["headers"], (b"idempotency-key", key.encode())]
            request.scope["headers"] = headers
            try:
                return await handler(request)
            except KeyReused as error:
                raise FormSent from error

        return keyed


def _key(body: bytes) -> str | None:
    """The form's key; None for a form that bears none of ours."""
    try:
        (sent,) = parse_qs(body.decode("ascii")).get(FIELD, [])
        return str(UUID(sent))
    except ValueError:
        return None
