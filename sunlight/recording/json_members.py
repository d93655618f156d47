"""The members of a JSON package one by one: for packages that memory should not hold whole, and
for those that break off, of which the complete members still count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sunlight.recording.faults import UnusableError

LISTS: Final = (b"releases", b"records")
MAX_MEMBER: Final = 8 * 1024 * 1024
# A text that the data so far does not close is taken up to the end, and waited for.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


class _Splitter:
    """Follows brackets and texts only; what is inside a member is the JSON parser's affair."""

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0
        self._start = -1
        self._name = b""
        self._list = b""
        self.depth = 0

    def feed(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        """The members that are complete with `data`."""
        self._buffer += data
        for found in _TOKEN.finditer(self._buffer, self._at):
            token = found.group()
            if token[:1] == b'"' and not _closed(token):
                self._at = found.start()
                break
            self._at = found.end()
            member = self._take(token, found.start(), found.end())
            if member is not None:
                yield self._list.decode(), member
        else:
            self._at = len(self._buffer)
        self._forget()

    def _take(self, token: bytes, start: int, end: int) -> bytes | None:
        if token in (b"{", b"["):
            self._open(token, start)
        elif token in (b"}", b"]"):
            self.depth -= 1
            if self._list and self.depth == 1:
                self._list = b""
            elif self._list and self.depth == 2 and self._start >= 0:
                member, self._start = self._buffer[self._start : end], -1
                return member
        elif self.depth == 1:
            self._name = token[1:-1]
        return None

    def _open(self, token: bytes, start: int) -> None:
        if self.depth == 1 and token == b"[" and self._name in LISTS:
            self._list = self._name
        elif self.depth == 2 and self._list:
            self._start = start
        self.depth += 1

    def _forget(self) -> None:
        keep = self._start if self._start >= 0 else self._at
        self._buffer = self._buffer[keep:]
        self._at -= keep
        self._start = 0 if self._start >= 0 else -1
        if len(self._buffer) > MAX_MEMBER:
            raise UnusableError("too-long", "", f"one member has more than {MAX_MEMBER} bytes")


def _closed(token: bytes) -> bool:
    body = token[1:-1]
    escapes = len(body) - len(body.rstrip(b"\\"))
    return len(token) > 1 and token.endswith(b'"') and escapes % 2 == 0


def members(parts: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """The objects in `releases` or `records` of a package, each with the name of its list.

    Whatever else stands in these lists is passed over.

    Raises:
        UnusableError: the package ends before its end, or one member is too long; all complete
            members before have been given.
    """
    splitter = _Splitter()
    for data in parts:
        yield from splitter.feed(data)
    if splitter.depth != 0:
        raise UnusableError("json", "", "not JSON: the document ends before its end")
