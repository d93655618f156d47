"""A mark tells equal from different, whoever writes it how, and nothing else."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.resource_trading.bid.marks import SCOPES, Marker
from services.resource_trading.bid.settings import MarkSettings

MARKER = Marker(b"k" * 32)
KINDS = st.sampled_from(sorted(SCOPES))
VALUES = st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=8, max_size=40)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("mac_addresses", "00-1A-2b-3C-4d-5E", "00:1a:2B:3c:4D:5e"),
        ("bond_accounts", "6222 0210 0100 1234 5678", "6222021001001234567８"),
        (
            "creation_ids",
            "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}",
            "3f2504e04f8941d39a0c0305e82c3301",
        ),
    ],
)
def test_two_ways_of_writing_a_value_are_one_mark(kind: str, one: str, other: str) -> None:
    first, second = MARKER.mark(kind, one), MARKER.mark(kind, other)
    assert first is not None
    assert first == second


@pytest.mark.parametrize(
    "value",
    [
        "00:00:00:00:00:00",
        "FF-FF-FF-FF-FF-FF",
        "To be filled by O.E.M.",
        "Default string",
        "System Serial Number",
        "None",
        "N/A",
        "   ",
        "--",
        "12",
    ],
)
def test_what_makers_write_where_there_is_no_number_marks_nobody(value: str) -> None:
    assert MARKER.mark("disk_serials", value) is None


def test_the_hash_is_hmac_sha256_of_scope_and_value_under_the_key() -> None:
    mark = MARKER.mark("mac_addresses", "00:1a:2b:3c:4d:5e")
    digest = hmac.new(b"k" * 32, b"mac\n001A2B3C4D5E", hashlib.sha256).hexdigest()
    assert mark is not None
    assert mark.hash.partition(":")[2] == digest[:32]


@given(KINDS, VALUES)
def test_no_more_than_four_characters_are_shown(kind: str, value: str) -> None:
    mark = MARKER.mark(kind, value)
    assert mark is None or mark.shown is None or len(mark.shown) <= 5


def test_a_short_value_shows_nothing_of_itself() -> None:
    mark = MARKER.mark("disk_serials", "WD4711")
    assert mark is not None
    assert mark.shown == "…"


def test_another_key_makes_another_mark_and_says_so() -> None:
    one = MARKER.mark("accounts", "bidder-0001")
    other = Marker(b"o" * 32).mark("accounts", "bidder-0001")
    assert one is not None
    assert other is not None
    assert one.hash.partition(":")[0] != other.hash.partition(":")[0]
    assert one.hash.partition(":")[2] != other.hash.partition(":")[2]


def test_an_account_is_an_account_whoever_paid_and_nothing_else() -> None:
    marks = {kind: MARKER.mark(kind, "6222021001001234") for kind in SCOPES}
    hashes = {kind: mark.hash for kind, mark in marks.items() if mark is not None}
    assert hashes["bond_accounts"] == hashes["bond_applicant_accounts"]
    assert len(set(hashes.values())) == len(hashes) - 1


def test_a_marker_does_not_print_its_key() -> None:
    assert "kkkk" not in repr(MARKER)


def test_without_a_key_there_is_no_marker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRADING_MARK_KEY", raising=False)
    monkeypatch.delenv("TRADING_DEMO", raising=False)
    assert MarkSettings().marker() is None


def test_a_short_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_MARK_KEY", "short")
    with pytest.raises(ValidationError, match="32"):
        MarkSettings()


def test_the_demonstration_has_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRADING_MARK_KEY", raising=False)
    monkeypatch.setenv("TRADING_DEMO", "true")
    assert MarkSettings().marker() is not None
