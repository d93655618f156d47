"""`If-Match` as the version a command expects (RFC 9110 section 13.1.1)."""

import pytest

from libs.common.web.errors import PreconditionFailed, PreconditionRequired
from libs.common.web.etag import parse_if_match
from tests.unit.common.web.client import client_of
from tests.unit.common.web.desk import desk_app


@pytest.mark.parametrize("header", ['"3"', '"2", "3"', "*", ' "3" '])
def test_current_version_passes(header: str) -> None:
    parse_if_match(header).require(3)


@pytest.mark.parametrize("header", ['"2"', 'W/"3"', "3", '"x"', '"3'])
def test_other_or_weak_tag_is_stale(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        parse_if_match(header).require(3)


@pytest.mark.parametrize("header", [None, "", "  "])
def test_missing_header_is_required(header: str | None) -> None:
    with pytest.raises(PreconditionRequired):
        parse_if_match(header)


async def test_tag_that_was_read_is_accepted_back() -> None:
    path = "/api/approval/v1/cases/1"
    async with client_of(desk_app()) as client:
        tag = (await client.get(path)).headers["etag"]
        answer = await client.put(path, headers={"If-Match": tag})
    assert (tag, answer.status_code) == ('"3"', 200)
