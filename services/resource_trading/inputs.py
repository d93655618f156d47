"""Kinds of values that only requests about tenders carry.

Must never take a citizen's number for a party.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from libs.common.codes import is_resident_id
from libs.common.web.inputs import Code


def _organisation(value: str) -> str:
    if is_resident_id(value):
        raise ValueError("不能用公民身份号码 / must not be a citizen's number")
    return value


Party = Annotated[Code, AfterValidator(_organisation)]
"""统一社会信用代码 of a bidder or winner, or another code of an organisation."""
Number = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,59}$")]
Lot = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$")]
Money = Annotated[int, Field(ge=0, le=10**15, description="integer fen (分)")]
