"""Settings that would open the door a crack are refused when the process starts."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from libs.common.identity.settings import IdentitySettings

GOOD: dict[str, Any] = {"url": "https://city.example/", "secret": SecretStr("s" * 40)}


def test_the_built_in_issuer_lies_below_our_own_address() -> None:
    settings = IdentitySettings(**GOOD)
    assert (settings.issuer_url, settings.built_in) == ("https://city.example/issuer", True)
    assert settings.callback == "https://city.example/auth/callback"


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://city.example"},
        {"issuer": "http://id.example/realms/city"},
        {"secret": SecretStr("short")},
        {"audience": "sunlight", "client_id": "sunlight"},
        {"algorithms": frozenset({"none"})},
        {"algorithms": frozenset({"RS256", "HS256"})},
        {"algorithms": frozenset()},
        {"idle": timedelta(0)},
        {"idle": timedelta(hours=11)},
        {"claims": {"post": ""}},
        {"claims": {"posts": "x"}},
    ],
    # Not the values: a set shows its members in another order in each process.
    ids="-".join,
)
def test_what_is_not_safe_is_not_accepted(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        IdentitySettings(**{**GOOD, **changes})


def test_the_environment_sets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNLIGHT_URL", "https://city.example")
    monkeypatch.setenv("SUNLIGHT_IDENTITY_SECRET", "s" * 40)
    monkeypatch.setenv("SUNLIGHT_IDENTITY_ISSUER", "https://id.example/realms/city")
    monkeypatch.setenv("SUNLIGHT_IDENTITY_CLAIMS", '{"roles": "realm_access.roles"}')
    monkeypatch.setenv("SUNLIGHT_IDENTITY_ALGORITHMS", '["ES256"]')
    monkeypatch.setenv("SUNLIGHT_IDENTITY_IDLE", "PT15M")
    settings = IdentitySettings()
    assert settings.issuer_url == "https://id.example/realms/city"
    assert settings.claims.roles == "realm_access.roles"
    assert settings.algorithms == {"ES256"}
    assert settings.idle == timedelta(minutes=15)


def test_secrets_are_not_shown() -> None:
    settings = IdentitySettings(**GOOD, client_secret=SecretStr("c" * 40))
    assert "sss" not in repr(settings)
    assert "ccc" not in repr(settings)
