"""A field before the file is known before the file is asked for, and nothing of a form is lost."""

import pytest
from starlette.requests import Request
from starlette.types import Message

from libs.common.files.upload import OVERHEAD, field_ahead

HEADERS = [(b"content-type", b"multipart/form-data; boundary=b0undary")]
TOKEN = b'--b0undary\r\nContent-Disposition: form-data; name="token"\r\n\r\nsecret\r\n'
FILE = b'--b0undary\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
END = b"\r\n--b0undary--\r\n"


class Sender:
    """A body that is sent piece by piece; `asked` counts those that were asked for."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.asked = 0

    async def receive(self) -> Message:
        piece = self.pieces[self.asked]
        self.asked += 1
        more = self.asked < len(self.pieces)
        return {"type": "http.request", "body": piece, "more_body": more}

    def request(self, headers: list[tuple[bytes, bytes]] = HEADERS) -> Request:
        return Request({"type": "http", "method": "POST", "headers": headers}, self.receive)


async def test_the_file_is_not_asked_for_until_the_form_is_read() -> None:
    sender = Sender(TOKEN[:40], TOKEN[40:] + FILE, b"x" * 1000, END)
    value, request = await field_ahead(sender.request(), "token")
    asked = sender.asked

    assert (value, asked) == ("secret", 2)
    assert await request.body() == TOKEN + FILE + b"x" * 1000 + END
    assert sender.asked == 4


async def test_byte_by_byte_the_field_is_the_same() -> None:
    sender = Sender(*(bytes([byte]) for byte in TOKEN + FILE + b"x" + END))
    value, request = await field_ahead(sender.request(), "token")

    assert value == "secret"
    assert await request.body() == TOKEN + FILE + b"x" + END


async def test_behind_the_file_it_is_not_looked_for() -> None:
    sender = Sender(FILE + b"x", b"\r\n" + TOKEN, END)
    value, _ = await field_ahead(sender.request(), "token")

    assert (value, sender.asked) == ("", 1)


@pytest.mark.parametrize(
    "body",
    [b"no form", END, b"", TOKEN.replace(b"token", b"other") + END],
    ids=["no-form", "no-part", "nothing", "another-field"],
)
async def test_where_no_such_field_stands_first_there_is_none(body: bytes) -> None:
    value, request = await field_ahead(Sender(body).request(), "token")

    assert (value, await request.body()) == ("", body)


async def test_a_body_that_is_no_form_is_not_asked_for() -> None:
    sender = Sender(TOKEN)
    value, _ = await field_ahead(sender.request(headers=[]), "token")

    assert (value, sender.asked) == ("", 0)


async def test_a_form_that_never_begins_is_not_waited_for() -> None:
    sender = Sender(*[b"\r\n" * 4096] * 100)
    value, _ = await field_ahead(sender.request(), "token")

    assert (value, sender.asked) == ("", OVERHEAD // 8192)


async def test_who_leaves_meanwhile_has_left_for_the_reader_too() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    request = Request({"type": "http", "method": "POST", "headers": HEADERS}, receive)
    value, again = await field_ahead(request, "token")

    assert value == ""
    assert (await again.receive())["type"] == "http.disconnect"
