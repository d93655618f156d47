"""Keyset pages: an opaque cursor that says where the next page starts.

The cursor holds the last row's sort key, so rows added or removed meanwhile neither repeat nor
hide others. Must never hold anything a caller may not see: it is not signed.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Query, Request, Response

from libs.common.law.instants import from_micros, to_micros
from libs.common.web.errors import Invalid

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
_LATEST: Final = to_micros(datetime(2200, 1, 1, tzinfo=UTC))
"""Later than any instant of ours, earlier than the last that a database takes."""


def encode_cursor(*key: Any) -> str:
    """A sort key (text, numbers, dates, UUIDs) as a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> list[Any]:
    """The sort key of a cursor, as JSON values; raises Invalid for anything else."""
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        key = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, list):
        raise _not_ours()
    return key


def _not_ours() -> Invalid:
    message = {"zh": "不是有效的游标", "en": "is not a cursor of ours"}
    return Invalid(errors=[("query:cursor", message)])


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What page is asked for. `after` is the last row's sort key, None for the first page."""

    after: list[Any] | None
    limit: int

    def after_text(self) -> str | None:
        """The last row's key where that is one text; raises Invalid for any other key."""
        match self.after:
            case None:
                return None
            case [str(key)] if "\0" not in key:
                return key
        raise _not_ours()

    def after_instant(self) -> tuple[datetime, str] | None:
        """The last row's key where that is microseconds since 1970 and a text; else Invalid."""
        match self.after:
            case None:
                return None
            case [int(micros), str(key)] if 0 <= micros < _LATEST and "\0" not in key:
                return from_micros(micros), key
        raise _not_ours()


async def page_request(
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> PageRequest:
    """`?cursor=&limit=` of the request."""
    return PageRequest(decode_cursor(cursor) if cursor else None, limit)


Page = Annotated[PageRequest, Depends(page_request)]


def link_next(request: Request, response: Response, *key: Any) -> None:
    """Add `Link: rel="next"` (RFC 8288) to the page that starts after `key`."""
    target = request.url.include_query_params(cursor=encode_cursor(*key))
    relative = f"{target.path}?{target.query}"
    response.headers.append("Link", f'<{relative}>; rel="next"')
