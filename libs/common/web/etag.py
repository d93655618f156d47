"""Versions as ETags, and `If-Match` as the version a command expects.

The tag is the aggregate's integer version in quotes. Must never compare weakly (RFC 9110 13.1.1).
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header, Response

from libs.common.web.errors import PreconditionFailed, PreconditionRequired

VERSION_TAG: Final = re.compile(r'"(\d{1,18})"')


@dataclass(frozen=True, slots=True)
class Precondition:
    """What `If-Match` allows: a set of versions, or any (`*`)."""

    versions: frozenset[int] | None

    def require(self, actual: int) -> None:
        """Raise PreconditionFailed unless `actual` is allowed."""
        if self.versions is not None and actual not in self.versions:
            raise PreconditionFailed(actual=actual)


def parse_if_match(header: str | None) -> Precondition:
    """`"3"`, `"3", "4"` or `*`; raises PreconditionRequired when there is none.

    A weak tag, or one that isn't ours, matches no version.
    """
    if header is None or not header.strip():
        raise PreconditionRequired
    if header.strip() == "*":
        return Precondition(None)
    tags = (VERSION_TAG.fullmatch(part.strip()) for part in header.split(","))
    return Precondition(frozenset(int(tag[1]) for tag in tags if tag))


async def if_match(if_match: Annotated[str | None, Header()] = None) -> Precondition:
    """The request's precondition."""
    return parse_if_match(if_match)


IfMatch = Annotated[Precondition, Depends(if_match)]


def etag(version: int) -> str:
    """The tag of a version."""
    return f'"{version}"'


def set_etag(response: Response, version: int) -> None:
    """Say which version the answer shows."""
    response.headers["ETag"] = etag(version)
