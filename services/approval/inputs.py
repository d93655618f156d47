"""Kinds of values of the organisation and of items, as requests and files carry them.

Must never take a code that its own check character refutes.
"""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field

from libs.common.codes import CodeError, Region, parse_credit_code, parse_region_code
from services.approval.imports import is_formula

MADE_UP: Final = "99"
"""Digits that no province has (GB/T 2260): the made-up city of demonstrations and tests."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_YES: Final = {"是": True, "否": False}


def region_of(code: str) -> Region:
    """The region of a code of 6, 9 or 12 digits; raises CodeError. The made-up city's are taken."""
    if not code.startswith(MADE_UP):
        return parse_region_code(code)
    shape = parse_region_code("11" + code[2:])
    return Region(MADE_UP + shape.code[2:])


def twelve_digits(code: str) -> str:
    """A region's code filled up to 12 digits; raises CodeError."""
    return region_of(code).code.ljust(12, "0")


def _region(value: str) -> str:
    try:
        return twelve_digits(value)
    except CodeError as error:
        raise ValueError(f"应为行政区划代码 / {error}") from error


def _credit_code(value: str) -> str:
    try:
        return parse_credit_code(value).value
    except CodeError as error:
        raise ValueError(f"应为统一社会信用代码 / {error}") from error


def _label(value: str) -> str:
    text = value.strip()
    if not text or any(unicodedata.category(sign) in _HIDDEN for sign in text):
        raise ValueError(
            "应有可见文字,不含控制字符 / should be visible text without control characters"
        )
    if is_formula(text):
        raise ValueError("看起来是表格公式 / looks like a spreadsheet formula")
    return text


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    try:
        # The form first: `fromisoformat` also reads weeks.
        day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except (TypeError, ValueError):
        day = None
    if day is None:
        raise ValueError("应为日期,如 2026-03-02 / should be a day such as 2026-03-02")
    if not 1949 <= day.year <= 2199:
        raise ValueError("年份应在 1949 至 2199 之间 / the year should be 1949 to 2199")
    return day


def _parts(value: Any) -> Any:
    """A cell with several values: `a;b`."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in re.split("[;\uff1b]", value) if part.strip()]


def _yes(value: Any) -> Any:
    return _YES.get(value, value) if isinstance(value, str) else value


RegionCode = Annotated[str, Field(min_length=6, max_length=12), AfterValidator(_region)]
"""行政区划代码; kept with 12 digits."""
CreditCode = Annotated[str, Field(max_length=40), AfterValidator(_credit_code)]
"""统一社会信用代码, checked."""
Label = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_label)]
"""An official name, without blanks around it."""
CivilDay = Annotated[date, BeforeValidator(_day)]
Parts = BeforeValidator(_parts)
"""Marks a list that a file may give as one cell, its members parted by semicolons."""
YesNo = Annotated[bool, BeforeValidator(_yes)]
