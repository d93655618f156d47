"""Which language a request is answered in."""

import pytest

from libs.common.web.language import from_accept, language_of


def scope(query: str = "", **headers: str) -> dict[str, object]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "query_string": query.encode(), "headers": pairs}


def test_chinese_when_nothing_is_said() -> None:
    assert language_of(scope()) == "zh"


def test_query_wins_over_cookie_and_header() -> None:
    assert language_of(scope("a=1&lang=en", cookie="lang=zh", accept_language="zh")) == "en"


def test_cookie_wins_over_header() -> None:
    assert language_of(scope(cookie="a=b; lang=en", accept_language="zh-CN")) == "en"


def test_unknown_query_value_is_passed_over() -> None:
    assert language_of(scope("lang=fr", accept_language="en-GB,en;q=0.8")) == "en"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("fr, zh-CN;q=0.8, en;q=0.7", "zh"),
        ("en;q=0, zh;q=0.1", "zh"),
        ("fr", None),
        ("en;q=abc", None),
    ],
)
def test_heaviest_known_language_of_the_header(header: str, language: str | None) -> None:
    assert from_accept(header) == language
