"""Static files under `/static`, addressed by content.

An address made by `asset_url` carries the content's hash and may be kept for a year; without it a
browser asks each time. Must never serve anything outside this folder.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC_PATH: Final = "/static"
FOLDER: Final = Path(__file__).parent / "static"
FOREVER: Final = "public, max-age=31536000, immutable"


@cache
def asset_url(name: str) -> str | None:
    """`/static/<name>?v=<hash>`; None where the file is absent (assets not fetched)."""
    path = FOLDER / name
    if not path.is_file():
        return None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return f"{STATIC_PATH}/{name}?v={digest}"


class StaticAssets(StaticFiles):
    """The folder `static/` beside this file, with cache headers."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER, follow_symlink=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; kept for a year when its address carries a hash."""
        answer = await super().get_response(path, scope)
        versioned = scope["query_string"].startswith(b"v=")
        answer.headers["Cache-Control"] = FOREVER if versioned else "no-cache"
        return answer
