"""公民身份号码: a citizen's number, 18 characters (GB 11643-1999).

It never leaves the platform unmasked, and no message of this module contains one.
"""

from dataclasses import dataclass
from datetime import date

from libs.common.codes.error import CodeError, clean, mask
from libs.common.codes.region import is_region_code

FIELD = "公民身份号码"
LENGTH = 18
# GB 11643 (ISO 7064 MOD 11-2): 2 to the power of 18 - position, modulo 11.
_WEIGHTS = tuple(pow(2, LENGTH - 1 - position, 11) for position in range(LENGTH - 1))
_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class ResidentId:
    """A valid number. Its text form is masked, so that printing one gives nothing away."""

    value: str

    @property
    def region(self) -> str:
        """Where it was first registered, 6 digits; many such regions no longer exist."""
        return self.value[:6]

    @property
    def born(self) -> date:
        return _birth_date(self.value)

    def __str__(self) -> str:
        return mask_resident_id(self.value)

    def __repr__(self) -> str:
        return f"ResidentId({mask_resident_id(self.value)})"


def parse_resident_id(value: str) -> ResidentId:
    """The number, blanks removed and x raised; CodeError if it isn't valid."""
    code = clean(value)
    if len(code) != LENGTH:
        raise _error(code, f"must have {LENGTH} characters, has {len(code)}")
    body = code[:-1]
    if not (body.isascii() and body.isdigit()):
        raise _error(code, "all but the last character must be digits")
    if not is_region_code(code[:6]):
        raise _error(code, "begins with no region's code")
    try:
        _birth_date(code)
    except ValueError:
        # From None: the cause may carry parts of the number into a traceback.
        raise _error(code, "contains no date of birth") from None
    if resident_check_character(body) != code[-1]:
        raise _error(code, "the check character does not fit")
    return ResidentId(code)


def is_resident_id(value: str) -> bool:
    """Whether `value` is a valid number."""
    try:
        parse_resident_id(value)
    except CodeError:
        return False
    return True


def resident_check_character(body: str) -> str:
    """The check character, 0 to 9 or X, of the first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def mask_resident_id(value: str) -> str:
    """First and last character only: region and date of birth are hidden too."""
    return mask(value, 1, 1)


def _birth_date(code: str) -> date:
    return date(int(code[6:10]), int(code[10:12]), int(code[12:14]))


def _error(code: str, message: str) -> CodeError:
    return CodeError(FIELD, mask_resident_id(code), message)
