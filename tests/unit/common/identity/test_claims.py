"""From an issuer's claims to a post: as set, or not at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.identity.claims import LONGEST, ClaimsMapping, ClaimsRefused
from libs.common.identity.principal import Principal

CLAIMS: dict[str, Any] = {
    "iss": "https://id.example",
    "sub": "u-1",
    "post": "window-1",
    "office": "office-1",
    "region": "990102",
    "roles": ["clerk"],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def test_our_own_claims_need_no_mapping() -> None:
    assert ClaimsMapping().principal(CLAIMS) == Principal(
        "https://id.example", "u-1", "window-1", "office-1", "990102", frozenset({"clerk"})
    )


def test_a_providers_claims_are_found_where_the_mapping_says() -> None:
    mapping = ClaimsMapping(
        post="employment.post",
        office="/https:~1~1city.example~1office",
        region="employment.region",
        roles="realm_access.roles",
        role_names={"Fensterdienst": "clerk", "Aufsicht": "supervisor"},
    )
    claims = {
        "iss": "https://id.example",
        "sub": "u-1",
        "employment": {"post": "p-1", "region": "990100"},
        "https://city.example/office": "o-1",
        "realm_access": {"roles": ["Aufsicht", "offline_access"]},
    }
    assert mapping.principal(claims) == Principal(
        "https://id.example", "u-1", "p-1", "o-1", "990100", frozenset({"supervisor"})
    )


@pytest.mark.parametrize("name", ["iss", "sub", "post", "office", "region", "roles"])
@given(value=JSON)
def test_a_claim_of_any_form_gives_plain_text_or_a_refusal(name: str, value: Any) -> None:
    try:
        found = ClaimsMapping().principal({**CLAIMS, name: value})
    except ClaimsRefused:
        return
    texts = [found.issuer, found.subject, found.post, found.office, found.region, *found.roles]
    for text in texts:
        assert isinstance(text, str)
        assert text == text.strip()
        assert "\0" not in text
        text.encode()  # no lone surrogate, which no database takes


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_a_missing_claim_refuses(name: str) -> None:
    with pytest.raises(ClaimsRefused, match=name):
        ClaimsMapping().principal({k: v for k, v in CLAIMS.items() if k != name})


@pytest.mark.parametrize(
    "value", ["", " ", " a", "a ", "a\0b", "a\nb", "\ud800", "a" * (LONGEST + 1), 7, None, ["a"]]
)
def test_a_post_that_is_no_plain_text_refuses(value: Any) -> None:
    with pytest.raises(ClaimsRefused):
        ClaimsMapping().principal({**CLAIMS, "post": value})


@pytest.mark.parametrize("region", ["99", "9901", "99010a", "٩٩٠١٠٠", "000000", "9901000"])
def test_a_region_that_is_no_code_of_a_region_refuses(region: str) -> None:
    with pytest.raises(ClaimsRefused, match="region"):
        ClaimsMapping().principal({**CLAIMS, "region": region})


@pytest.mark.parametrize("roles", ["clerk", {"clerk": True}, None, ["clerk"] * 201])
def test_roles_that_are_no_list_of_reasonable_length_refuse(roles: Any) -> None:
    with pytest.raises(ClaimsRefused, match="roles"):
        ClaimsMapping().principal({**CLAIMS, "roles": roles})


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(ClaimsRefused) as refused:
        ClaimsMapping().principal({**CLAIMS, "post": "secret\nname"})
    assert "secret" not in str(refused.value)
