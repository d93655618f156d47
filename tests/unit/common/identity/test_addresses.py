"""Where a browser may be sent: read as browsers read it, never to another host."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from libs.common.identity.addresses import is_confidential, origin, own_path

OURS = "https://city.example/auth/callback"


def where_a_browser_goes(location: str) -> str:
    """WHATWG URL: controls are dropped, a backslash is a slash; then RFC 3986."""
    read = "".join(c for c in location if c not in "\t\r\n").strip("".join(map(chr, range(33))))
    return urljoin(OURS, read.replace("\\", "/"))


@given(st.text(max_size=60) | st.text("/\\:@.?#\t\r\n abhtpsevil%", max_size=30))
@example("//evil.example")
@example("/\\evil.example")
@example("\\\\evil.example")
@example("/\t/evil.example")
@example("https:evil.example")
@example("/\n/evil.example")
@example(" //evil.example")
def test_whatever_is_asked_the_browser_stays_here(asked: str) -> None:
    gone = urlsplit(where_a_browser_goes(own_path(asked)))
    assert (gone.scheme, gone.netloc) == ("https", "city.example")


@pytest.mark.parametrize(
    "path", ["/", "/window", "/window/cases/1-2-3?lang=en&x=%E4%B8%AD#top", "/a//b", "/a?u=//b"]
)
def test_a_path_of_ours_is_followed(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize("asked", [None, "", "window", "/" + "a" * 2000, "/a b", '/"onload', "/<"])
def test_anything_else_is_the_home_page(asked: str | None) -> None:
    assert own_path(asked) == "/"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://city.example/auth", "https://city.example"),
        ("https://city.example:443", "https://city.example"),
        ("https://city.example:8443/", "https://city.example:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("https://City.Example/", "https://city.example"),
    ],
)
def test_an_origin_is_as_browsers_send_it(url: str, told: str) -> None:
    assert origin(url) == told


@pytest.mark.parametrize(
    ("url", "confidential"),
    [
        ("https://id.example", True),
        ("http://localhost:8080", True),
        ("http://127.0.0.1", True),
        ("http://id.example", False),
        ("http://localhost.evil.example", False),
        ("ftp://127.0.0.1", False),
        ("https://", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_plain_http_is_for_this_machine_alone(url: str, confidential: bool) -> None:
    assert is_confidential(url) is confidential
