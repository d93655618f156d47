"""Passwords: kept as Argon2id hashes, refused where they are easy to guess."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from sunlight.issuer.passwords import Passwords, fault

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def test_what_is_kept_is_argon2id_at_least_as_costly_as_owasp_asks() -> None:
    """OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 passes, or more of both."""
    parameters = extract_parameters(Passwords().hasher.hash("x"))
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2


async def test_the_right_password_matches_and_another_does_not() -> None:
    kept = await CHEAP.hash("correct horse battery")
    assert "correct" not in kept
    assert await CHEAP.matches("correct horse battery", kept)
    assert not await CHEAP.matches("correct horse battery ", kept)


async def test_the_same_password_is_kept_differently_each_time() -> None:
    assert await CHEAP.hash("correct horse battery") != await CHEAP.hash("correct horse battery")


@pytest.mark.parametrize("password", ["nobody's", "", "x" * 257])
async def test_without_an_account_nothing_matches(password: str) -> None:
    assert not await CHEAP.matches(password, None)


@pytest.mark.parametrize("kept", ["", "plain text", "$argon2id$broken"])
async def test_a_damaged_hash_matches_nothing(kept: str) -> None:
    assert not await CHEAP.matches("correct horse battery", kept)


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 257, "admin-password-1", "aaaabbbbaaaabbbb", "ADMINISTRATION"]
)
def test_an_easy_password_is_refused_with_a_reason(password: str) -> None:
    assert fault(password, "admin") is not None


def test_a_long_sentence_is_good() -> None:
    assert fault("correct horse battery", "admin") is None
