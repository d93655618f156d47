"""What a store of attachments offers, wherever it keeps them.

A file is known by the digest of its content, so the same content is kept once. Must never give out
content that does not have its digest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from libs.common.files.digest import Digest


class Draft(Protocol):
    """Content on its way in: a local file that is gone after its block unless it was kept."""

    path: Path
    size: int

    async def write(self, chunk: bytes) -> None:
        """Add to the content. Raises FileTooLarge with the chunk that goes past the limit."""

    async def seal(self) -> Digest:
        """Everything is written: the digest of the content, which is safe on disk now."""


class Store(Protocol):
    """A disk today; an object store would have the same methods."""

    def draft(self, *, limit: int) -> AbstractAsyncContextManager[Draft]:
        """A new draft of at most `limit` bytes."""

    async def keep(self, draft: Draft) -> None:
        """Keep a sealed draft under its digest: wholly or not at all, and for good."""

    async def opened(self, digest: Digest) -> BinaryIO:
        """The content, from its beginning, once it is sure that it is what was handed in.

        The caller closes it. Raises FileDamaged where it was altered or is gone.
        """

    def kept(self, *, before: datetime) -> Iterator[Digest]:
        """What was last kept before an instant of real time."""

    async def discard(self, digest: Digest, *, before: datetime) -> bool:
        """Delete content that nothing refers to, if it was last kept before an instant.

        Whether it was deleted: nothing happens to what is younger, or not there.
        """
