"""The pages of signing in and out, and what other pages show of who is signed in.

Must never show a person's name: a post is who acts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request

from libs.common.web.shell import Shell

HERE: Final = Path(__file__).parent
TEMPLATES: Final = HERE / "templates"
TEXTS: Final = HERE / "texts.yaml"


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in, as the header shows it, and the token that its forms carry."""

    post: str
    csrf_token: str
    demonstration: bool = False


async def account_of(request: Request) -> Account | None:
    """For any page's header; None where nobody has signed in."""
    shown = getattr(request.app.state, "account", None)
    if shown is None:
        return None
    found: Account | None = await shown(request)
    return found


@cache
def account_pages(more: Sequence[Path] = ()) -> Shell:
    """The shell of these pages; `more` are further folders of templates."""
    return Shell("identity", templates=[*more, TEMPLATES], catalogues=[TEXTS])
