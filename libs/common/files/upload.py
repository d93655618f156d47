"""One file with its form (RFC 7578), read as it arrives.

The file goes straight to a draft of the store; the body is never in memory as a whole. What breaks
off or is refused leaves nothing behind. Must never trust what the sender says of the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from libs.common.files.digest import Digest
from libs.common.files.errors import FileTooLarge, UploadBroken, broken
from libs.common.files.kinds import Kind, kind_of
from libs.common.files.names import clean_name
from libs.common.files.store import Draft, Store

FILE: Final = "file"
OVERHEAD: Final = 64 * 1024
"""What a form may be longer than its file."""
_MOST_FIELDS: Final = 10
_LONGEST_FIELD: Final = 4096
_LONGEST_HEADER: Final = 32 * 1024
"""Room for a name of 5,000 characters of three bytes each, and more."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in whole, of a kind that is taken, and the form's other fields."""

    draft: Draft
    digest: Digest
    size: int
    kind: Kind
    name: str
    fields: dict[str, str]


@asynccontextmanager
async def received(request: Request, store: Store, *, limit: int) -> AsyncIterator[Upload]:
    """The request's upload; its draft is gone after the block unless it was kept.

    `limit`: the most bytes of the file.

    Raises:
        FileTooLarge, FileRefused, UploadBroken: as they say.
    """
    async with store.draft(limit=limit) as draft:
        form = await _read(request, draft)
        if draft.size == 0:
            raise broken("文件是空的", "the file is empty")
        digest = await draft.seal()
        kind = await asyncio.to_thread(kind_of, draft.path)
        name = clean_name(form.file_name, kind.endings)
        yield Upload(draft, digest, draft.size, kind, name, form.fields)


async def field_ahead(request: Request, name: str) -> tuple[str, Request]:
    """A field that stands before the file, and the request to be read from its beginning.

    No more is asked for than the piece in which the field ends or the file begins, so that who
    sends it can be known before its file is read. Empty where the field did not come so far, or
    not within `OVERHEAD` bytes.
    """
    form, seen, size = _Form(), list[Message](), 0
    # What is wrong with the form is told when it is read.
    with suppress(MultipartParseError, UploadBroken):
        parser = _parser(request, form)
        while name not in form.fields and not form.files and size < OVERHEAD:
            seen.append(await request.receive())
            body = seen[-1].get("body", b"")
            size += len(body)
            if body:
                parser.write(body)
            if not seen[-1].get("more_body", False):
                break
    coming = iter(seen)

    async def receive() -> Message:
        return next(coming, None) or await request.receive()

    return form.fields.get(name, ""), Request(request.scope, receive)


@dataclass(slots=True)
class _Form:
    """The form's parts as they come. `chunks` is what of the file came since it was last looked."""

    fields: dict[str, str] = field(default_factory=dict)
    file_name: str = ""
    files: int = 0
    others: int = 0
    ended: bool = False
    chunks: list[bytes] = field(default_factory=list)
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _name: bytes = b""
    _value: bytes = b""
    _field: str = ""
    _text: bytearray | None = None

    def callbacks(self) -> dict[str, Callable[..., None]]:
        """For the parser."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headed,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._ended,
        }

    def _begin(self) -> None:
        self._headers, self._text = {}, None

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _headed(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in options:
            self.files += 1
            if self.files > 1 or self._field != FILE:
                raise broken("应只有一个文件", "there should be one file, named file")
            self.file_name = options[b"filename"].decode("utf-8", "replace")
            return
        self.others += 1
        if self.others > _MOST_FIELDS or self._field == FILE:
            raise broken("字段过多或没有文件", "too many fields, or no file")
        self._text = bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._text is None:
            self.chunks.append(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > _LONGEST_FIELD:
            raise broken("字段过长", "a field is too long")

    def _end(self) -> None:
        if self._text is not None:
            self.fields[self._field] = self._text.decode("utf-8", "replace")

    def _ended(self) -> None:
        self.ended = True


async def _read(request: Request, draft: Draft) -> _Form:
    form = _Form()
    parser = _parser(request, form)
    stream = request.stream()
    try:
        async for chunk in stream:
            if chunk:
                parser.write(chunk)
            for part in form.chunks:
                await draft.write(part)
            form.chunks.clear()
    except MultipartParseError as error:
        raise broken("表单格式有误", "the form can't be read") from error
    except FileTooLarge:
        # To its end, so that a browser hears the answer; the edge says how much that may be.
        with suppress(ClientDisconnect, HTTPException):
            async for _ in stream:
                pass
        raise
    except ClientDisconnect as error:
        raise broken("传输中断", "the transfer broke off") from error
    if not form.ended or form.files != 1:
        raise broken("没有收到完整的文件", "no whole file came")
    return form


def _parser(request: Request, form: _Form) -> MultipartParser:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise broken("应以 multipart/form-data 上传", "send it as multipart/form-data")
    callbacks: Any = form.callbacks()
    try:
        return MultipartParser(boundary, callbacks, max_header_size=_LONGEST_HEADER)
    except ValueError as error:
        raise broken("表单格式有误", "the form can't be read") from error
