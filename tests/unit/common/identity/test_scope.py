"""Which rows a scope covers: by the structure of region codes, and never by accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.codes.region import parse_region_code
from libs.common.identity.area import area, within
from libs.common.identity.scope import NOTHING, Scope

# Real provinces, so that the parser of 行政区划代码 can judge beside us.
CODES = st.builds(
    lambda province, city, county, rest: (
        f"{province}{city}{county}{rest}" if city != "00" else f"{province}0000"
    ),
    st.sampled_from(["11", "37", "44", "65"]),
    st.sampled_from(["00", "01", "02", "19"]),
    st.sampled_from(["00", "01", "02"]),
    st.sampled_from(["", "001", "003", "003201"]),
)


@given(CODES, CODES)
def test_a_region_covers_what_lies_in_it_by_the_codes_structure(above: str, below: str) -> None:
    expected = parse_region_code(above).contains(parse_region_code(below))
    assert Scope.of(above).covers(below, "any") is expected


@pytest.mark.parametrize(
    ("region", "shared"),
    [
        ("990000", "99"),
        ("990100", "9901"),
        ("990102", "990102"),
        ("990102003", "990102003"),
        ("990102003000", "990102003"),
        ("990102000000", "990102"),
    ],
)
def test_the_shared_digits_of_a_region(region: str, shared: str) -> None:
    assert area(region) == shared


@pytest.mark.parametrize(
    "region", ["", "99", "9901", "*", "%", "990_00", "000000", "000000000000", "９９０１００"]
)
def test_a_malformed_region_covers_nothing(region: str) -> None:
    assert Scope.of(region) == NOTHING
    assert not Scope.of(region).covers("990100", "office-1")


@pytest.mark.parametrize("place", ["", "99", "000000", "9901%%"])
def test_nothing_lies_within_a_malformed_region(place: str) -> None:
    assert not within("990100", place)


@given(CODES, CODES)
def test_lying_within_is_what_the_regions_scope_covers(above: str, below: str) -> None:
    assert within(below, above) is Scope.of(above).covers(below, None)


def test_a_region_that_is_not_named_lies_nowhere() -> None:
    assert not within(None, "990100")


@pytest.mark.parametrize("region", [None, "", "990100", "elsewhere"])
def test_everything_is_every_row(region: str | None) -> None:
    assert Scope.everything().covers(region, None)


def test_no_region_of_a_role_reaches_everything() -> None:
    assert all(not Scope.of(region).whole for region in ("", "000000", "990100", "%"))


def test_no_office_is_not_every_office() -> None:
    assert Scope.of("990100", "") == NOTHING


@pytest.mark.parametrize(
    ("region", "office"), [(None, "office-1"), ("990102", None), (None, None), ("", "")]
)
def test_a_row_that_names_no_region_or_office_is_nobodys(
    region: str | None, office: str | None
) -> None:
    assert not Scope.of("990100", "office-1").covers(region, office)


def test_an_office_does_not_reach_its_namesake_elsewhere() -> None:
    scope = Scope.of("990102", "office-1")
    assert scope.covers("990102", "office-1")
    assert not scope.covers("990103", "office-1")
    assert not scope.covers("990102", "office-10")
