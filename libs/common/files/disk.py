"""A store of attachments in a folder: `<ab>/<cd>/<digest>`, and `drafts/` for what is on its way.

A path is made of a digest's digits, never of a name. Content is written beside, flushed to the
disk, then renamed: whoever looks sees all of it or nothing. Must never run on two file systems:
renaming has to be one step.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

import structlog

from libs.common.files.digest import Digest, digest_of
from libs.common.files.errors import FileDamaged, too_large
from libs.common.files.store import Draft

_GATHERED: Final = 1024 * 1024
"""How much is held in memory before it goes to the disk, in one step of a thread."""
_PRIVATE: Final = 0o600
log = structlog.get_logger(__name__)


class DiskDraft:
    """Content on its way in, in a file of its own."""

    def __init__(self, path: Path, limit: int) -> None:
        self.path = path
        self.size = 0
        self._limit = limit
        self._hash = hashlib.sha256()
        self._gathered = bytearray()
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        self._file = os.fdopen(opened, "wb", buffering=0)

    async def write(self, chunk: bytes) -> None:
        """Add to the content. Raises FileTooLarge with the chunk that goes past the limit."""
        self.size += len(chunk)
        if self.size > self._limit:
            raise too_large(self._limit)
        self._gathered += chunk
        if len(self._gathered) >= _GATHERED:
            await asyncio.to_thread(self._flush)

    async def seal(self) -> Digest:
        """Everything is written: the digest of the content, which is safe on disk now."""
        await asyncio.to_thread(self._seal)
        return self.digest

    @property
    def digest(self) -> Digest:
        """The digest of what was written to the disk."""
        return digest_of(self._hash.hexdigest())

    def close(self) -> None:
        """Close the file; delete it unless it was kept, that is, renamed."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _flush(self) -> None:
        self._hash.update(self._gathered)
        view = memoryview(self._gathered)
        written = 0
        while written < len(view):
            written += self._file.write(view[written:])
        view.release()
        self._gathered.clear()

    def _seal(self) -> None:
        self._flush()
        os.fsync(self._file.fileno())
        self._file.close()


class DiskStore:
    """The store of one folder, which it creates. Several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @asynccontextmanager
    async def draft(self, *, limit: int) -> AsyncIterator[DiskDraft]:
        """A new draft of at most `limit` bytes."""
        made = await asyncio.to_thread(self._draft, limit)
        try:
            yield made
        finally:
            # At once and in no thread: also where the request was cancelled.
            made.close()

    async def keep(self, draft: Draft) -> None:
        """Keep a sealed draft under its digest.

        What is there already is replaced by the same content: it mends what was altered, and
        makes it younger than what `kept` looks for.
        """
        if not isinstance(draft, DiskDraft):
            raise TypeError("a draft of another store")
        await asyncio.to_thread(self._keep, draft)

    async def opened(self, digest: Digest) -> BinaryIO:
        """The content from its beginning; raises FileDamaged where it is not what it was."""
        return await asyncio.to_thread(self._opened, digest)

    def kept(self, *, before: datetime) -> Iterator[Digest]:
        """What was last kept before an instant of real time."""
        for path in self.folder.glob("??/??/*"):
            with suppress(ValueError, FileNotFoundError):
                digest = digest_of(path.name)
                if _age(path) < before:
                    yield digest

    def forsaken(self, *, before: datetime) -> Iterator[Path]:
        """Drafts that a process left behind when it was killed."""
        for path in (self.folder / "drafts").glob("*"):
            with suppress(FileNotFoundError):
                if _age(path) < before:
                    yield path

    def size(self, digest: Digest) -> int:
        """How long content is, in bytes; 0 where there is none."""
        place = self._place(digest)
        return place.stat().st_size if place.is_file() else 0

    async def discard(self, digest: Digest, *, before: datetime) -> bool:
        """Delete content that nothing refers to, if it was last kept before an instant."""
        return await asyncio.to_thread(self._discard, self._place(digest), before)

    def drop(self, draft: Path, before: datetime) -> bool:
        """Delete what `forsaken` found, if it was last written before an instant."""
        old = _age(draft) < before
        if old:
            draft.unlink(missing_ok=True)
        return old

    def _draft(self, limit: int) -> DiskDraft:
        return DiskDraft(self._aside(), limit)

    def _aside(self) -> Path:
        drafts = self.folder / "drafts"
        drafts.mkdir(mode=0o700, parents=True, exist_ok=True)
        return drafts / uuid4().hex

    def _discard(self, place: Path, before: datetime) -> bool:
        aside = self._aside()
        try:
            # Out of the way first: what is handed in from now on is not what is deleted.
            place.rename(aside)
        except FileNotFoundError:
            return False
        if self.drop(aside, before):
            return True
        # Kept anew in the meantime: its row may be on the way.
        aside.rename(place)
        return False

    def _place(self, digest: Digest) -> Path:
        # Checked again: a type is no more than a promise.
        name = digest_of(digest)
        return self.folder / name[:2] / name[2:4] / name

    def _keep(self, draft: DiskDraft) -> None:
        place = self._place(draft.digest)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.path.replace(place)
        for folder in (place.parent, place.parent.parent, self.folder):
            _sync(folder)

    def _opened(self, digest: Digest) -> BinaryIO:
        try:
            file = self._place(digest).open("rb")
        except FileNotFoundError:
            log.error("file_gone", digest=digest)  # noqa: TRY400 - the trace would say no more
            raise FileDamaged from None
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            file.close()
            log.error("file_altered", digest=digest)
            raise FileDamaged
        file.seek(0)
        return file


def _age(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
