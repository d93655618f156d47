"""The codes Chinese administration works with: parse, check, mask.

Pure: says whether a code is well formed, never whether what it names exists. Errors and masks never
show a whole personal code.
"""

from libs.common.codes.credit_code import (
    CreditCode,
    credit_check_character,
    is_credit_code,
    mask_credit_code,
    parse_credit_code,
)
from libs.common.codes.error import CodeError
from libs.common.codes.region import (
    Region,
    RegionLevel,
    is_region_code,
    mask_region_code,
    parse_region_code,
)
from libs.common.codes.resident_id import (
    ResidentId,
    is_resident_id,
    mask_resident_id,
    parse_resident_id,
    resident_check_character,
)
from libs.common.codes.task_code import TaskCode, is_task_code, mask_task_code, parse_task_code

__all__ = [
    "CodeError",
    "CreditCode",
    "Region",
    "RegionLevel",
    "ResidentId",
    "TaskCode",
    "credit_check_character",
    "is_credit_code",
    "is_region_code",
    "is_resident_id",
    "is_task_code",
    "mask_credit_code",
    "mask_region_code",
    "mask_resident_id",
    "mask_task_code",
    "parse_credit_code",
    "parse_region_code",
    "parse_resident_id",
    "parse_task_code",
    "resident_check_character",
]
