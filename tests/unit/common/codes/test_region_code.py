"""行政区划代码: levels and parents of well-known regions."""

from zoneinfo import ZoneInfo

import pytest

from libs.common.codes import CodeError, RegionLevel, is_region_code, parse_region_code


@pytest.mark.parametrize(
    ("code", "shortest", "level", "parent"),
    [
        ("440000", "440000", RegionLevel.PROVINCE, None),
        ("440000000000", "440000", RegionLevel.PROVINCE, None),
        ("440300", "440300", RegionLevel.CITY, "440000"),
        ("440305", "440305", RegionLevel.COUNTY, "440300"),
        ("440305000", "440305", RegionLevel.COUNTY, "440300"),
        ("440305005", "440305005", RegionLevel.TOWNSHIP, "440305"),
        ("440305005000", "440305005", RegionLevel.TOWNSHIP, "440305"),
        ("440305005011", "440305005011", RegionLevel.VILLAGE, "440305005"),
        ("441900003", "441900003", RegionLevel.TOWNSHIP, "441900"),
        ("110101", "110101", RegionLevel.COUNTY, "110100"),
        ("429004", "429004", RegionLevel.COUNTY, "429000"),
    ],
)
def test_level_and_parent_follow_from_the_digits(
    code: str, shortest: str, level: RegionLevel, parent: str | None
) -> None:
    region = parse_region_code(code)
    assert (region.code, region.level) == (shortest, level)
    assert (region.parent.code if region.parent else None) == parent


@pytest.mark.parametrize(
    "code", ["", "44", "4403", "4403050", "44030A", "990000", "000000", "440005", "４４0300"]
)
def test_what_is_no_region_code_is_refused(code: str) -> None:
    assert not is_region_code(code)
    with pytest.raises(CodeError):
        parse_region_code(code)


def test_a_region_contains_itself_and_what_lies_below() -> None:
    province, city, other = (parse_region_code(c) for c in ("440000", "440300", "440100"))
    village = parse_region_code("440305005011")
    assert province.contains(village)
    assert city.contains(village)
    assert city.contains(city)
    assert not city.contains(province)
    assert not other.contains(village)


@pytest.mark.parametrize("code", ["440300", "650100", "540000"])
def test_legal_periods_run_in_beijing_time_everywhere(code: str) -> None:
    assert parse_region_code(code).zone == ZoneInfo("Asia/Shanghai")
