"""Giving a stored file out: to be saved, never to be shown as a page of ours.

Must never send a byte before the whole content was held against its digest.
"""

from __future__ import annotations

import asyncio
import os
from typing import BinaryIO, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from libs.common.files.digest import Digest
from libs.common.files.store import Store

_CHUNK: Final = 256 * 1024
_ALONE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
    "Accept-Ranges": "none",
}
"""Even opened in a browser it is no page, runs nothing, and is nobody else's."""


class FileResponse(Response):
    """The content of an open file, which it closes whatever happens."""

    def __init__(self, file: BinaryIO, headers: dict[str, str], media_type: str) -> None:
        self.file = file
        super().__init__(headers=headers, media_type=media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it chunk by chunk."""
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while chunk := await asyncio.to_thread(self.file.read, _CHUNK):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.file.close()


async def download(
    request: Request, store: Store, digest: Digest, *, name: str, media_type: str
) -> Response:
    """The file as an attachment under `name`; 304 where the caller has it (`If-None-Match`).

    Raises:
        FileDamaged: it was altered on its disk, or is gone; nothing of it is sent.
    """
    headers = {**_ALONE, "ETag": f'"{digest}"', "Content-Disposition": _attachment(name)}
    if _has(request, digest):
        return Response(status_code=304, headers=headers)
    file = await store.opened(digest)
    headers["Content-Length"] = str(os.fstat(file.fileno()).st_size)
    return FileResponse(file, headers, media_type)


def _has(request: Request, digest: Digest) -> bool:
    tags = request.headers.get("if-none-match", "").split(",")
    return f'"{digest}"' in {tag.strip().removeprefix("W/") for tag in tags}


def _attachment(name: str) -> str:
    """RFC 6266: the name in full, and its ending alone for who reads no RFC 8187."""
    ending = name.rpartition(".")[2]
    plain = f"file.{ending}" if ending.isascii() and ending.isalnum() else "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
