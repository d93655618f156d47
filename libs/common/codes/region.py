"""行政区划代码: province, city, county in 6 digits (GB/T 2260), township in 9, village in 12.

Reads the structure of a code; the list of regions and their names is reference data elsewhere.
"""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from libs.common.codes.error import CodeError, clean

FIELD = "行政区划代码"
_LENGTHS = (6, 9, 12)
# GB/T 2260: the digits of the provinces, by the six great regions and then 台湾, 香港, 澳门.
_BLOCKS = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
_PROVINCES = frozenset(str(n) for first, last in _BLOCKS for n in range(first, last + 1))
_ZONE = ZoneInfo("Asia/Shanghai")


class RegionLevel(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True)
class Region:
    """A region by its shortest code: 6 digits down to the county, 9 township, 12 village."""

    code: str

    @property
    def level(self) -> RegionLevel:
        if len(self.code) == 12:
            return RegionLevel.VILLAGE
        if len(self.code) == 9:
            return RegionLevel.TOWNSHIP
        if self.code.endswith("0000"):
            return RegionLevel.PROVINCE
        return RegionLevel.CITY if self.code.endswith("00") else RegionLevel.COUNTY

    @property
    def parent(self) -> "Region | None":
        """The region above by the digits; None above a province.

        A township of a city without counties (东莞 441900003) has the city as its parent.
        """
        match self.level:
            case RegionLevel.VILLAGE:
                return Region(_shortest(self.code[:9]))
            case RegionLevel.TOWNSHIP:
                return Region(self.code[:6])
            case RegionLevel.COUNTY:
                return Region(self.code[:4] + "00")
            case RegionLevel.CITY:
                return Region(self.code[:2] + "0000")
        return None

    @property
    def zone(self) -> ZoneInfo:
        """The zone legal periods run in: Beijing time everywhere in the country."""
        return _ZONE

    def contains(self, other: "Region") -> bool:
        """Whether `other` is this region or lies below it."""
        above: Region | None = other
        while above is not None:
            if above == self:
                return True
            above = above.parent
        return False


def parse_region_code(value: str) -> Region:
    """The region of a code of 6, 9 or 12 digits, trailing zeros allowed; CodeError otherwise."""
    code = clean(value)
    if not (code.isascii() and code.isdigit()) or len(code) not in _LENGTHS:
        raise CodeError(FIELD, mask_region_code(code), "must be 6, 9 or 12 digits")
    if code[:2] not in _PROVINCES:
        raise CodeError(FIELD, mask_region_code(code), f"no province has the digits {code[:2]}")
    if code[2:4] == "00" and code[4:6] != "00":
        raise CodeError(FIELD, mask_region_code(code), "names a county without a city")
    return Region(_shortest(code))


def is_region_code(value: str) -> bool:
    """Whether `value` has the form of a region's code."""
    try:
        parse_region_code(value)
    except CodeError:
        return False
    return True


def mask_region_code(value: str) -> str:
    """The code itself, cut to the longest length: a region is nobody's secret."""
    return value[: max(_LENGTHS)]


def _shortest(code: str) -> str:
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    return code
