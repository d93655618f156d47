"""统一社会信用代码, on codes that enterprises publish themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.codes import (
    CodeError,
    credit_check_character,
    is_credit_code,
    mask_credit_code,
    parse_credit_code,
)

PUBLIC = [
    "91110000600037341L",
    "9144030071526726XG",
    "914403001922038216",
    "91110000802100433B",
    "91330100799655058B",
    "91350100M000100Y43",
]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", PUBLIC)
def test_a_published_code_is_valid(code: str) -> None:
    assert parse_credit_code(code).value == code


def test_the_parts_stand_where_the_standard_puts_them() -> None:
    code = parse_credit_code("91350100M000100Y43")
    assert (code.department, code.category, code.region) == ("9", "1", "350100")
    assert code.organisation == "M000100Y4"


def test_blanks_and_small_letters_are_forgiven() -> None:
    assert parse_credit_code(" 91350100m000100y43\n").value == "91350100M000100Y43"


@given(code=st.sampled_from(PUBLIC), position=st.integers(0, 17), other=st.sampled_from(ALPHABET))
def test_any_one_wrong_character_is_found(code: str, position: int, other: str) -> None:
    wrong = code[:position] + other + code[position + 1 :]
    assert is_credit_code(wrong) is (wrong == code)


@given(code=st.sampled_from(PUBLIC), position=st.integers(0, 16))
def test_two_neighbours_swapped_are_found(code: str, position: int) -> None:
    swapped = code[:position] + code[position + 1] + code[position] + code[position + 2 :]
    assert is_credit_code(swapped) is (swapped == code)


def test_the_check_character_can_be_the_last_of_the_alphabet_or_zero() -> None:
    # Worked by hand: all zeros sum to 0; a 1 in the first place leaves 31 - 1 = 30, which is Y.
    assert credit_check_character("0" * 17) == "0"
    assert credit_check_character("1" + "0" * 16) == "Y"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "18 characters, has 0"),
        ("91350100M000100Y4", "has 17"),
        ("91350100M000100Y433", "has 19"),
        ("91350100I000100Y43", "without I, O, S, V, Z"),
        ("91350100M000100Y4-", "without I, O, S, V, Z"),
        ("91350100M000100Y4３", "without I, O, S, V, Z"),
        ("91A50100M000100Y43", "region"),
        ("91350100M000100Y44", "check character"),
    ],
)
def test_a_faulty_code_is_refused_with_the_reason(code: str, message: str) -> None:
    with pytest.raises(CodeError, match=message) as refused:
        parse_credit_code(code)
    assert refused.value.field == "统一社会信用代码"


def test_the_mask_keeps_two_and_four() -> None:
    assert mask_credit_code("91350100M000100Y43") == "91************0Y43"
