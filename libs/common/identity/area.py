"""What a region takes in, by the structure of 行政区划代码. Pure: decisions may use it.

Must never take in more than the code says: one that is malformed takes in nothing.
"""

import re
from typing import Final

_REGION: Final = re.compile(r"\d{6}|\d{9}|\d{12}", re.ASCII)


def area(region: str) -> str | None:
    """The digits that every region within shares: 990100 is 9901, 990000 is 99.

    None for anything but a code of 6, 9 or 12 digits, and for one that would take in the country.
    """
    if not _REGION.fullmatch(region):
        return None
    code = shortest(region)
    if len(code) == 6:
        code = re.sub(r"(00){1,2}$", "", code)
    return None if code == "00" else code


def shortest(region: str) -> str:
    """The region's code in as few of 6, 9 or 12 digits as say all: 990100000000 is 990100."""
    code = region
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    return code


def within(region: str | None, place: str) -> bool:
    """Whether `region` lies in the region `place`. One that is not named lies in none."""
    shared = area(place)
    return shared is not None and region is not None and region.startswith(shared)
