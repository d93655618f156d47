"""The header leads to services that have pages, and to no other."""

import pytest

from libs.common.web.shell.navigation import navigation
from libs.common.web.shell.words import subject


def test_every_service_has_pages() -> None:
    assert navigation("monitor", {}) == [
        ("disclosure", "/"),
        ("approval", "/window"),
        ("trading", "/trading"),
        ("monitor", "/monitor"),
    ]


def test_an_installation_says_which_services_have_pages() -> None:
    found = navigation("disclosure", {"SUNLIGHT_PAGES": "monitor, approval, disclosure"})
    assert [name for name, _ in found] == ["disclosure", "approval", "monitor"]


def test_a_page_is_always_reached_from_its_own_header() -> None:
    assert ("trading", "/trading") in navigation("trading", {})


def test_a_service_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="SUNLIGHT_PAGES: no service windw"):
        navigation("monitor", {"SUNLIGHT_PAGES": "windw"})


@pytest.mark.parametrize(
    ("name", "text"),
    [("case/2026-1", "2026-1"), ("tender/T-1", "tender/T-1"), ("fire/case/1", "fire/case/1")],
)
def test_a_case_is_read_by_its_number(name: str, text: str) -> None:
    assert subject(name) == text
