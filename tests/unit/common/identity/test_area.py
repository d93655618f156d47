"""What a region's code takes in: GB/T 2260 in six digits, townships in nine, villages in twelve."""

import pytest

from libs.common.identity.area import area, shortest


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("990100000000", "990100"),
        ("990102000", "990102"),
        ("990102001000", "990102001"),
        ("990102001002", "990102001002"),
        ("990000", "990000"),
    ],
)
def test_the_shortest_form_says_the_same(code: str, short: str) -> None:
    assert shortest(code) == short
    assert area(code) == area(short)
