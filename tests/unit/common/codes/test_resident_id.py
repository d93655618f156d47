"""公民身份号码, on the examples printed in GB 11643-1999; no real person's number stands here."""

import traceback
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.codes import CodeError, is_resident_id, mask_resident_id, parse_resident_id

STANDARD = "11010519491231002X"
STANDARD_CENTENARIAN = "440524188001010014"


def test_the_examples_of_the_standard_are_valid() -> None:
    assert is_resident_id(STANDARD)
    assert is_resident_id(STANDARD_CENTENARIAN)


def test_region_and_birth_are_read() -> None:
    person = parse_resident_id("11010519491231002x")
    assert (person.region, person.born) == ("110105", date(1949, 12, 31))


@given(position=st.integers(0, 16), digit=st.sampled_from("0123456789"))
def test_any_one_wrong_digit_is_found(position: int, digit: str) -> None:
    wrong = STANDARD[:position] + digit + STANDARD[position + 1 :]
    assert is_resident_id(wrong) is (wrong == STANDARD)


@given(last=st.sampled_from("0123456789X"))
def test_only_one_check_character_fits(last: str) -> None:
    assert is_resident_id(STANDARD[:-1] + last) is (last == "X")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("110105491231002", "has 15"),
        ("1101051949123100A4", "digits"),
        ("１10105194912310021", "digits"),
        ("99010519491231002X", "region"),
        ("11010519490230002X", "birth"),
        ("110105194912310021", "check character"),
    ],
)
def test_a_faulty_number_is_refused_with_the_reason(code: str, message: str) -> None:
    with pytest.raises(CodeError, match=message):
        parse_resident_id(code)


@pytest.mark.parametrize("code", ["110105194912310021", "11010519490230002X", "110105491231002"])
def test_a_refusal_never_shows_the_number(code: str) -> None:
    with pytest.raises(CodeError) as refused:
        parse_resident_id(code)
    shown = "".join(traceback.format_exception(refused.value, limit=0)) + str(vars(refused.value))
    assert code[1:6] not in shown
    assert code[6:14] not in shown
    assert refused.value.masked == code[0] + "*" * (len(code) - 2) + code[-1]


def test_a_number_prints_masked() -> None:
    person = parse_resident_id(STANDARD)
    assert str(person) == mask_resident_id(STANDARD) == "1****************X"
    assert STANDARD not in repr(person)


@pytest.mark.parametrize("code", ["", "1", "12"])
def test_what_is_too_short_to_mask_is_hidden_whole(code: str) -> None:
    assert mask_resident_id(code) == "*" * len(code)
