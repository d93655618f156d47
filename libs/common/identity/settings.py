"""What an installation sets of how people and programs sign in (`SUNLIGHT_IDENTITY_…`).

Must never accept an issuer, or an address of ours, over which tokens would travel in the clear.
"""

from datetime import timedelta
from typing import Final, Self

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.common.identity.addresses import is_confidential
from libs.common.identity.claims import ClaimsMapping

ALGORITHMS: Final = frozenset(
    {
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "Ed25519",
        "EdDSA",
    }
)
"""Signatures with a public key: `none` and shared-key algorithms are not among them."""
SHORTEST_SECRET: Final = 32


class IdentitySettings(BaseSettings):
    """The issuer, who we are to it, and how long a session lives.

    `url` is where people reach the platform (`SUNLIGHT_URL`); `issuer` empty means the built-in
    one below it. `audience` is what an API client's token must be for. `claims` is JSON.
    `secret` signs our cookies (at least 32 characters, the same in every process). `zone` is
    where the day is counted on which a post stands.
    """

    model_config = SettingsConfigDict(
        env_prefix="SUNLIGHT_IDENTITY_", frozen=True, populate_by_name=True
    )

    url: str = Field(validation_alias=AliasChoices("url", "SUNLIGHT_URL"))
    issuer: str = ""
    client_id: str = Field("sunlight", min_length=1, max_length=200)
    client_secret: SecretStr = SecretStr("")
    audience: str = Field("sunlight-api", min_length=1, max_length=200)
    scope: str = "openid"
    algorithms: frozenset[str] = frozenset({"RS256", "PS256", "ES256", "Ed25519"})
    claims: ClaimsMapping = ClaimsMapping()
    idle: timedelta = timedelta(minutes=30)
    lifetime: timedelta = timedelta(hours=10)
    leeway: timedelta = timedelta(seconds=30)
    zone: str = "Asia/Shanghai"
    secret: SecretStr

    @field_validator("url", "issuer")
    @classmethod
    def _confidential(cls, value: str) -> str:
        if value and not is_confidential(value):
            raise ValueError("应为 https 地址(本机除外)/ should be https, but on this machine")
        return value

    @field_validator("url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("secret")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"at least {SHORTEST_SECRET} characters")
        return value

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if unknown := self.algorithms - ALGORITHMS:
            raise ValueError(f"algorithms: {', '.join(sorted(unknown))} is none that we accept")
        if not self.algorithms:
            raise ValueError("algorithms: name at least one")
        # An ID token is for the client: with one word for both it would open the API.
        if self.audience == self.client_id:
            raise ValueError("audience and client_id must differ")
        if not timedelta(0) < self.idle <= self.lifetime:
            raise ValueError("idle must be positive and not above lifetime")
        return self

    @property
    def built_in(self) -> bool:
        """Whether the built-in issuer is used."""
        return not self.issuer

    @property
    def issuer_url(self) -> str:
        """The issuer's identifier, as its tokens have it in `iss`."""
        return self.issuer or f"{self.url}/issuer"

    @property
    def secure(self) -> bool:
        """Whether cookies are for https alone."""
        return self.url.startswith("https:")

    @property
    def callback(self) -> str:
        """Where the issuer sends the browser back to."""
        return f"{self.url}/auth/callback"
