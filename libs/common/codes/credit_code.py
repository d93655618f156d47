"""统一社会信用代码: the code of a legal person or other organisation (GB 32100-2015).

Says whether a code is well formed, never whether the organisation exists.
"""

from dataclasses import dataclass

from libs.common.codes.error import CodeError, clean, mask

FIELD = "统一社会信用代码"
LENGTH = 18
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
# GB 32100 table 3: powers of 3 modulo 31.
_WEIGHTS = tuple(pow(3, position, 31) for position in range(LENGTH - 1))


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A valid code. `region` is where the organisation was registered, not where it is."""

    value: str

    @property
    def department(self) -> str:
        """登记管理部门, 1 character: 1 staffing office, 5 civil affairs, 9 market regulation, …"""
        return self.value[0]

    @property
    def category(self) -> str:
        """机构类别, 1 character, read together with the department."""
        return self.value[1]

    @property
    def region(self) -> str:
        """登记管理机关行政区划码, 6 digits (GB/T 2260)."""
        return self.value[2:8]

    @property
    def organisation(self) -> str:
        """主体标识码 (组织机构代码, GB 11714), 9 characters."""
        return self.value[8:17]


def parse_credit_code(value: str) -> CreditCode:
    """The code, blanks removed and letters raised; CodeError if it isn't valid."""
    code = clean(value)
    if len(code) != LENGTH:
        raise _error(code, f"must have {LENGTH} characters, has {len(code)}")
    if not set(code) <= _VALUES.keys():
        raise _error(code, "only digits and capital letters without I, O, S, V, Z")
    if not code[2:8].isdigit():
        raise _error(code, "characters 3 to 8 must be a region's digits")
    if credit_check_character(code[:-1]) != code[-1]:
        raise _error(code, "the check character does not fit")
    return CreditCode(code)


def is_credit_code(value: str) -> bool:
    """Whether `value` is a valid code."""
    try:
        parse_credit_code(value)
    except CodeError:
        return False
    return True


def credit_check_character(body: str) -> str:
    """The check character of the first 17 (GB 32100 annex A, modulo 31)."""
    total = sum(_VALUES[c] * weight for c, weight in zip(body, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


def mask_credit_code(value: str) -> str:
    """First two and last four characters. An enterprise's code is public; mask it where asked."""
    return mask(value, 2, 4)


def _error(code: str, message: str) -> CodeError:
    return CodeError(FIELD, mask_credit_code(code), message)
