"""An upload is read as it comes, and leaves nothing behind unless it was whole and right."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request, Response
from starlette.types import ASGIApp, Message

from libs.common.files.digest import digest_of
from libs.common.files.disk import DiskStore
from libs.common.files.download import download
from libs.common.files.errors import MEGABYTE
from libs.common.files.upload import OVERHEAD, received
from libs.common.web.app import create_app
from tests.unit.common.files.samples import ILL, WELL, bomb, pdf, picture

LIMIT = 50 * MEGABYTE
AT = "/api/desk/v1/files"
BOUNDARY = "b0undary"


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path / "files")


@pytest.fixture
def app(store: DiskStore) -> ASGIApp:
    router = APIRouter()

    @router.post("/files", status_code=201)
    async def put(request: Request) -> dict[str, Any]:
        async with received(request, store, limit=LIMIT) as upload:
            await store.keep(upload.draft)
        return {
            "digest": upload.digest,
            "size": upload.size,
            "name": upload.name,
            "fields": upload.fields,
            "type": upload.kind.media_type,
        }

    @router.get("/files/{digest}")
    async def get(digest: str, request: Request) -> Response:
        found = digest_of(digest)
        return await download(
            request, store, found, name="张三 的.pdf", media_type="application/pdf"
        )

    return create_app(
        "desk", title="Desk", routers=[router], body_limits={AT: 2 * LIMIT + OVERHEAD}
    )


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as caller:
        yield caller


async def send(
    client: httpx.AsyncClient, content: bytes, name: str = "a.pdf", **fields: str
) -> httpx.Response:
    return await client.post(AT, files={"file": (name, content, "text/html")}, data=fields)


def files(store: DiskStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


def photo(size: int) -> Iterator[bytes]:
    """The bytes of a JPEG of exactly `size`, in pieces: decoders stop at its end mark."""
    head = picture("JPEG")
    yield head
    left = size - len(head)
    piece = bytes(64 * 1024)
    while left > 0:
        yield piece[: min(left, len(piece))]
        left -= len(piece)


def form(content: Iterator[bytes]) -> Iterator[bytes]:
    yield (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n'
    ).encode()
    yield from content
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


async def send_photo(client: httpx.AsyncClient, size: int) -> httpx.Response:
    async def body() -> AsyncIterator[bytes]:
        for piece in form(photo(size)):
            yield piece

    kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    return await client.post(AT, content=body(), headers=kind)


@pytest.mark.parametrize("media_type", WELL)
async def test_a_file_comes_in_with_the_type_of_its_content(
    client: httpx.AsyncClient, store: DiskStore, media_type: str
) -> None:
    answer = await send(client, WELL[media_type], wanted="申请书")

    assert answer.status_code == 201
    said = answer.json()
    assert said["digest"] == hashlib.sha256(WELL[media_type]).hexdigest()
    assert (said["type"], said["size"]) == (media_type, len(WELL[media_type]))
    assert said["fields"] == {"wanted": "申请书"}
    assert [path.name for path in files(store)] == [said["digest"]]


@pytest.mark.parametrize("name", ILL)
async def test_what_only_pretends_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, store: DiskStore, name: str
) -> None:
    answer = await send(client, ILL[name], "合同.pdf")

    assert (answer.status_code, answer.json()["code"]) == (415, "file_refused")
    assert files(store) == []


async def test_a_zip_bomb_named_docx_is_refused(client: httpx.AsyncClient) -> None:
    answer = await send(client, bomb(), "report.docx")

    assert answer.status_code == 415
    assert "展开后过大" in answer.json()["detail"]


async def test_a_photo_of_50_mb_comes_in_without_being_held_in_memory(
    client: httpx.AsyncClient, store: DiskStore
) -> None:
    tracemalloc.start()
    try:
        answer = await send_photo(client, LIMIT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert answer.status_code == 201, answer.text
    assert answer.json()["size"] == LIMIT
    assert peak < 8 * MEGABYTE
    assert [path.stat().st_size for path in files(store)] == [LIMIT]


async def test_one_byte_more_is_refused_and_the_limit_named(
    client: httpx.AsyncClient, store: DiskStore
) -> None:
    answer = await send_photo(client, LIMIT + 1)

    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert "50 MB" in answer.json()["detail"]
    assert files(store) == []


async def test_a_body_without_end_is_cut_and_the_limit_named(
    client: httpx.AsyncClient, store: DiskStore
) -> None:
    answer = await send_photo(client, 3 * LIMIT)

    assert answer.status_code == 413
    assert "50 MB" in answer.json()["detail"]
    assert files(store) == []


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "..\\..\\boot.ini", "\u202efdp.exe", "a\0b.pdf", "长" * 5000, ""],
)
async def test_a_hostile_name_stays_a_name(
    client: httpx.AsyncClient, store: DiskStore, name: str
) -> None:
    disposition = f'form-data; name="file"; filename="{name}"'
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n"
    body = head.encode() + pdf() + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = await client.post(AT, content=body, headers=kind)

    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert said["name"].endswith(".pdf")
    assert len(said["name"]) <= 120
    assert not set(said["name"]) & set("/\\\0\u202e")
    assert [path.name for path in files(store)] == [said["digest"]]


async def _half(app: ASGIApp, body: bytes) -> int:
    """The status of an upload whose sender goes away after `body`."""
    messages: list[Message] = [
        {"type": "http.request", "body": body, "more_body": True},
        {"type": "http.disconnect"},
    ]
    statuses: list[int] = []

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def out(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    kind = f"multipart/form-data; boundary={BOUNDARY}".encode()
    scope = {
        "type": "http",
        "method": "POST",
        "path": AT,
        "raw_path": AT.encode(),
        "query_string": b"",
        "headers": [(b"content-type", kind)],
        "client": ("127.0.0.1", 1),
        "server": ("city.test", 80),
        "scheme": "http",
        "http_version": "1.1",
    }
    await app(scope, receive, out)
    return statuses[0]


async def test_an_upload_that_breaks_off_leaves_nothing(app: ASGIApp, store: DiskStore) -> None:
    whole = b"".join(form(photo(3 * MEGABYTE)))

    assert await _half(app, whole[: 2 * MEGABYTE]) == 422
    assert files(store) == []


async def test_an_upload_that_is_cancelled_leaves_nothing(app: ASGIApp, store: DiskStore) -> None:
    started = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        for place, piece in enumerate(form(photo(9 * MEGABYTE))):
            yield piece
            if place == 60:
                started.set()
                await asyncio.sleep(30)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://city.test"
    ) as caller:
        kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        task = asyncio.create_task(caller.post(AT, content=body(), headers=kind))
        await started.wait()
        assert len(files(store)) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert files(store) == []


async def test_two_uploads_of_one_file_at_once_keep_it_once(
    client: httpx.AsyncClient, store: DiskStore
) -> None:
    answers = await asyncio.gather(send_photo(client, MEGABYTE), send_photo(client, MEGABYTE))

    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json()["digest"] for answer in answers}) == 1
    assert len(files(store)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b0undary--\r\n",
        b"rubbish",
        b'--b0undary\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b0undary--\r\n',
        b'--b0undary\r\nContent-Disposition: form-data; name="file"\r\n\r\n1\r\n--b0undary--\r\n',
        b'--b0undary\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        b"\r\n--b0undary--\r\n",
        b'--b0undary\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\n'
        b"%PDF-1.7\r\n--b0undary--\r\n",
        b'--b0undary\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n%PDF-1.7',
        2
        * (
            b'--b0undary\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
            b"%PDF-1.7\r\n"
        )
        + b"--b0undary--\r\n",
        b'--b0undary\r\nContent-Disposition: form-data; name="x"\r\n\r\n'
        + b"1" * 5000
        + b"\r\n--b0undary--\r\n",
        b"--b0undary\r\nX: " + b"1" * 100_000 + b"\r\n\r\n1\r\n--b0undary--\r\n",
    ],
    ids=[
        "nothing",
        "no-parts",
        "rubbish",
        "no-file",
        "file-without-a-name",
        "empty-file",
        "file-in-another-field",
        "cut",
        "two-files",
        "long-field",
        "long-header",
    ],
)
async def test_what_is_no_whole_form_with_one_file_is_refused(
    client: httpx.AsyncClient, store: DiskStore, body: bytes
) -> None:
    kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = await client.post(AT, content=body, headers=kind)

    assert (answer.status_code, answer.json()["code"]) == (422, "upload_broken")
    assert files(store) == []


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "", "text/html"])
async def test_another_content_type_is_refused(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post(AT, content=pdf(), headers={"content-type": kind})

    assert answer.json()["code"] == "upload_broken"


async def test_a_download_is_an_attachment_and_nothing_else(client: httpx.AsyncClient) -> None:
    digest = (await send(client, pdf())).json()["digest"]
    answer = await client.get(f"{AT}/{digest}")

    assert answer.content == pdf()
    head = answer.headers
    assert head["content-type"] == "application/pdf"
    assert head["content-length"] == str(len(pdf()))
    assert head["content-disposition"] == (
        "attachment; filename=\"file.pdf\"; filename*=UTF-8''%E5%BC%A0%E4%B8%89%20%E7%9A%84.pdf"
    )
    assert head["x-content-type-options"] == "nosniff"
    assert head["etag"] == f'"{digest}"'
    assert "sandbox" in head["content-security-policy"]
    assert head["cache-control"] == "private, no-cache"


async def test_who_has_the_file_is_not_sent_it_again(client: httpx.AsyncClient) -> None:
    digest = (await send(client, pdf())).json()["digest"]
    answer = await client.get(f"{AT}/{digest}", headers={"If-None-Match": f'"x", W/"{digest}"'})

    assert (answer.status_code, answer.content) == (304, b"")


async def test_a_file_altered_on_disk_is_not_given_out(
    client: httpx.AsyncClient, store: DiskStore
) -> None:
    digest = (await send(client, pdf())).json()["digest"]
    (path,) = files(store)
    path.write_bytes(pdf()[:-1] + b"?")
    answer = await client.get(f"{AT}/{digest}")

    assert (answer.status_code, answer.json()["code"]) == (500, "file_damaged")
    assert pdf()[:20] not in answer.content


async def test_more_parts_than_a_form_has_are_refused_under_one_name_too(
    client: httpx.AsyncClient, store: DiskStore
) -> None:
    parts: list[Any] = [("note", (None, b"again", None)) for _ in range(11)]
    answer = await client.post(AT, files=[*parts, ("file", ("a.pdf", pdf(), "application/pdf"))])

    assert (answer.status_code, answer.json()["code"]) == (422, "upload_broken")
    assert files(store) == []
