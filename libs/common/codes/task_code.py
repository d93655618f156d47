"""事项编码: the code of a service item as one office performs it.

31 characters (实施编码): the office's 统一社会信用代码, then 13 characters that each province
arranges itself and that are not interpreted here; 2 digits more name a variant (业务办理项).
"""

from dataclasses import dataclass

from libs.common.codes.credit_code import LENGTH as CREDIT_LENGTH
from libs.common.codes.credit_code import CreditCode, parse_credit_code
from libs.common.codes.error import CodeError, clean, mask

FIELD = "事项编码"
_LENGTH = 31
_VARIANT_LENGTH = 2


@dataclass(frozen=True, slots=True)
class TaskCode:
    """A valid code; `office` is the 统一社会信用代码 it starts with."""

    value: str
    office: CreditCode

    @property
    def item(self) -> str:
        """The 31 characters without the variant."""
        return self.value[:_LENGTH]

    @property
    def variant(self) -> str | None:
        """业务办理项, 2 digits, or None."""
        return self.value[_LENGTH:] or None


def parse_task_code(value: str) -> TaskCode:
    """The code, blanks removed and letters raised; CodeError if it isn't valid."""
    code = clean(value)
    if len(code) not in (_LENGTH, _LENGTH + _VARIANT_LENGTH):
        raise _error(code, f"must have 31 or 33 characters, has {len(code)}")
    if not (code.isascii() and code.isalnum()):
        raise _error(code, "only digits and letters")
    if len(code) > _LENGTH and not code[_LENGTH:].isdigit():
        raise _error(code, "the variant must be 2 digits")
    try:
        office = parse_credit_code(code[:CREDIT_LENGTH])
    except CodeError as error:
        raise _error(code, f"begins with no {error.field}: {error.message}") from error
    return TaskCode(code, office)


def is_task_code(value: str) -> bool:
    """Whether `value` is a valid code."""
    try:
        parse_task_code(value)
    except CodeError:
        return False
    return True


def mask_task_code(value: str) -> str:
    """First two and last four characters, though an item's code is public."""
    return mask(value, 2, 4)


def _error(code: str, message: str) -> CodeError:
    return CodeError(FIELD, mask_task_code(code), message)
