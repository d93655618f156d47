"""What the issuer's endpoints share: its parts, and how a request's parameters are read.

Must never take a parameter that comes twice (RFC 6749, 3.1), nor one too long to be meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from fastapi import Request
from starlette.responses import RedirectResponse

from libs.common.db.engine import Pool
from libs.common.identity.door import Clock
from libs.common.web.shell import Shell
from sunlight.issuer.asked import Client
from sunlight.issuer.minting import Mint
from sunlight.issuer.passwords import Passwords

NEVER_KEPT: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
LONGEST: Final = 2000
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Issuer:
    """Everything that issuing takes. `url` is the identifier, `audience` the API's."""

    url: str
    client: Client
    audience: str
    mint: Mint
    pool: Pool
    passwords: Passwords
    pages: Shell
    clock: Clock


def issuer_of(request: Request) -> Issuer:
    """The application's issuer."""
    return cast("Issuer", request.app.state.issuer)


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a form; none where one comes twice or is too long."""
    form = await request.form(max_files=0, max_fields=MOST)
    return plain([(k, v) for k, v in form.multi_items() if isinstance(v, str)])


def plain(items: list[tuple[str, str]]) -> Mapping[str, str]:
    """Parameters by name; none where one comes twice, is too long or has a NUL."""
    found = dict(items)
    fits = len(found) == len(items) <= MOST and all(map(_fits, found.values()))
    return found if fits else {}


def redirect(url: str) -> RedirectResponse:
    """On to `url`, by GET, never kept by a cache."""
    return RedirectResponse(url, status_code=303, headers=NEVER_KEPT)


def _fits(value: str) -> bool:
    return len(value) <= LONGEST and "\0" not in value
