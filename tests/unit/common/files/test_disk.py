"""The store on disk: whole or not at all, once, and never what was altered."""

import asyncio
import hashlib
import os
import stat
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from libs.common.files.digest import Digest, digest_of
from libs.common.files.disk import DiskStore
from libs.common.files.errors import FileDamaged, FileTooLarge
from libs.common.files.orphans import orphans

CONTENT = b"content " * 1000
DIGEST = digest_of(hashlib.sha256(CONTENT).hexdigest())
LATER = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path / "files")


async def put(store: DiskStore, content: bytes = CONTENT) -> Digest:
    async with store.draft(limit=10**7) as draft:
        await draft.write(content)
        digest = await draft.seal()
        await store.keep(draft)
    return digest


def files(store: DiskStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


def place(store: DiskStore) -> Path:
    return store.folder / DIGEST[:2] / DIGEST[2:4] / DIGEST


async def test_content_comes_back_under_its_digest(store: DiskStore) -> None:
    digest = await put(store)

    with await store.opened(digest) as file:
        assert file.read() == CONTENT
    assert digest == DIGEST
    assert files(store) == [place(store)]


async def test_kept_content_is_for_the_service_alone(store: DiskStore) -> None:
    await put(store)

    assert stat.S_IMODE(place(store).stat().st_mode) == 0o600


async def test_the_same_content_is_kept_once(store: DiskStore) -> None:
    await asyncio.gather(*(put(store) for _ in range(5)))

    assert files(store) == [place(store)]


async def test_a_draft_that_was_not_kept_is_gone(store: DiskStore) -> None:
    async with store.draft(limit=100) as draft:
        await draft.write(b"x")
        assert files(store) == [draft.path]

    assert files(store) == []


async def test_a_draft_is_gone_after_an_error(store: DiskStore) -> None:
    with pytest.raises(FileTooLarge):
        async with store.draft(limit=1) as draft:
            await draft.write(b"too long")

    assert files(store) == []


async def test_content_of_the_limit_is_taken_and_one_byte_more_is_not(store: DiskStore) -> None:
    async with store.draft(limit=8) as draft:
        await draft.write(b"12345678")
        with pytest.raises(FileTooLarge):
            await draft.write(b"9")


@pytest.mark.parametrize("altered", [b"", CONTENT[:-1], CONTENT[:-1] + b"?", CONTENT + b"?"])
async def test_content_that_was_altered_is_not_given_out(store: DiskStore, altered: bytes) -> None:
    digest = await put(store)
    place(store).write_bytes(altered)

    with pytest.raises(FileDamaged):
        await store.opened(digest)


async def test_content_that_is_gone_is_not_given_out(store: DiskStore) -> None:
    digest = await put(store)
    place(store).unlink()

    with pytest.raises(FileDamaged):
        await store.opened(digest)


async def test_handing_the_same_content_in_again_mends_what_was_altered(store: DiskStore) -> None:
    await put(store)
    place(store).write_bytes(b"altered")
    digest = await put(store)

    with await store.opened(digest) as file:
        assert file.read() == CONTENT


@pytest.mark.parametrize(
    "text",
    ["", "../../etc/passwd", "a" * 63, "A" * 64, "g" * 64, "a" * 63 + "/", "a" * 64 + "\n"],
)
async def test_nothing_but_a_digest_makes_a_path(store: DiskStore, text: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        digest_of(text)
    with pytest.raises(ValueError, match="digest"):
        await store.opened(Digest(text))


async def test_content_that_nothing_refers_to_is_found_after_a_day(store: DiskStore) -> None:
    known = await put(store, b"known")
    lost = await put(store, b"lost")

    async def referred(digests: Collection[Digest]) -> list[Digest]:
        return [digest for digest in digests if digest == known]

    at_once = [one async for one in orphans(store, referred, now=datetime.now(UTC))]
    found = [one async for one in orphans(store, referred, now=LATER)]

    assert (at_once, found) == ([], [lost])


async def test_an_orphan_handed_in_again_is_young_again(store: DiskStore) -> None:
    await put(store)
    old = (LATER - timedelta(days=9)).timestamp()
    os.utime(place(store), (old, old))
    await put(store)

    assert list(store.kept(before=datetime.now(UTC) - timedelta(days=1))) == []


async def test_a_draft_left_behind_is_found_and_is_no_content(store: DiskStore) -> None:
    await put(store)
    forsaken = store.folder / "drafts" / "0123456789abcdef"
    forsaken.write_bytes(b"half")

    assert list(store.forsaken(before=LATER)) == [forsaken]
    assert list(store.kept(before=LATER)) == [DIGEST]


async def test_discarding_what_is_not_there_does_nothing(store: DiskStore) -> None:
    await put(store)
    first = await store.discard(DIGEST, before=LATER)
    again = await store.discard(DIGEST, before=LATER)

    assert (first, again, files(store)) == (True, False, [])


async def test_what_was_kept_anew_is_not_discarded(store: DiskStore) -> None:
    await put(store)

    assert await store.discard(DIGEST, before=datetime.now(UTC) - timedelta(days=1)) is False
    assert files(store) == [place(store)]
