"""Query codes: eight signs that nobody takes for one another, read however they were typed."""

from hypothesis import given
from hypothesis import strategies as st

from services.approval.case.query_code import ALPHABET, new_code, one_form, shown

LOOKALIKES = set("01IO")


def test_no_sign_looks_like_another() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 32
    assert LOOKALIKES & set(ALPHABET) == set()


def test_codes_are_random() -> None:
    codes = [new_code() for _ in range(2000)]
    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {8}
    # Every sign comes about 500 times in 16,000; one that never comes is no random choice.
    assert set("".join(codes)) == set(ALPHABET)


@given(st.text(alphabet=ALPHABET, min_size=8, max_size=8))
def test_a_code_as_shown_is_read_as_the_code(code: str) -> None:
    assert one_form(f"  {shown(code).lower()}\n") == code
