"""Answers that anyone may keep for a while: ETag of the content, 304 where it is known.

Must never let a shared cache keep an answer that sets a cookie.
"""

import hashlib
from typing import Final

from fastapi import Request, Response

KEPT: Final = "public, max-age=60"
OWN: Final = "private, no-cache"


def kept(request: Request, answer: Response) -> Response:
    """`answer` with its ETag and how long it may be kept; 304 if the caller has it."""
    # Weak: a proxy that compresses keeps the meaning, not the bytes (RFC 9110 section 8.8.1).
    tag = f'W/"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = OWN if "set-cookie" in answer.headers else KEPT
    if not _known(request.headers.get("if-none-match", ""), tag):
        return answer
    headers = {
        name: answer.headers[name]
        for name in ("ETag", "Cache-Control", "Vary", "Content-Language", "Link")
        if name in answer.headers
    }
    return Response(status_code=304, headers=headers)


def _known(if_none_match: str, tag: str) -> bool:
    """Weak comparison (RFC 9110 section 13.1.2)."""
    given = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return "*" in given or tag.removeprefix("W/") in given
