"""Who may be taken for whom: nobody by default, one demonstration post on loopback alone."""

import pytest
from starlette.requests import Request

from libs.common.identity.actor import Actor, loopback_only, nobody
from libs.common.identity.loopback import is_loopback
from libs.common.web.errors import Unauthenticated

ACTOR = Actor("post-1", "office-1", "990100", frozenset({"window"}))


def request_from(host: str | None) -> Request:
    client = None if host is None else (host, 1234)
    return Request({"type": "http", "headers": [(b"x-actor", b"root")], "client": client})


async def test_without_a_way_to_know_nobody_is_let_in() -> None:
    with pytest.raises(Unauthenticated):
        await nobody(request_from("127.0.0.1"))


async def test_the_demonstration_knows_its_post_on_loopback() -> None:
    assert await loopback_only(ACTOR, "127.0.0.1")(request_from("127.0.0.1")) is ACTOR


@pytest.mark.parametrize(
    ("bound", "caller"),
    [
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104
        ("::", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("city.example", "127.0.0.1"),
        ("127.0.0.1", "10.0.0.7"),
        ("127.0.0.1", None),
        ("127.0.0.1", "localhost.evil.example"),
    ],
)
async def test_beyond_loopback_the_demonstration_knows_nobody(
    bound: str, caller: str | None
) -> None:
    with pytest.raises(Unauthenticated):
        await loopback_only(ACTOR, bound)(request_from(caller))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_addresses_of_this_machine_are_loopback(host: str) -> None:
    assert is_loopback(host)
