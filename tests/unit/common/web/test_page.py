"""Cursors: opaque, and following `next` shows every row once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.web.errors import Invalid
from libs.common.web.page import decode_cursor, encode_cursor
from tests.unit.common.web.client import client_of
from tests.unit.common.web.desk import ROWS, desk_app

KEYS = st.lists(st.one_of(st.text(), st.integers(-(2**53), 2**53), st.none(), st.booleans()))


@given(KEYS)
def test_cursor_gives_its_key_back(key: list[object]) -> None:
    assert decode_cursor(encode_cursor(*key)) == key


@given(st.text(alphabet="abc-_=/+ ?", max_size=12))
def test_foreign_text_is_refused_or_a_list(text: str) -> None:
    refusals = []
    try:
        key = decode_cursor(text)
    except Invalid as error:
        refusals = [e.pointer for e in error.errors]
        key = []
    assert refusals in ([], ["query:cursor"])
    assert isinstance(key, list)


@pytest.mark.parametrize("cursor", ["e30", "IjEi", "%%%", "é"])
def test_what_is_no_key_is_invalid(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(cursor)


async def test_following_next_shows_every_row_once_and_keeps_the_filter() -> None:
    seen: list[int] = []
    path: str | None = "/api/approval/v1/cases?limit=3&office=住建"
    async with client_of(desk_app()) as client:
        while path:
            answer = await client.get(path)
            seen += answer.json()
            path = answer.links.get("next", {}).get("url")
            assert path is None or "office=" in path
    assert seen == ROWS
