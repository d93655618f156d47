"""The key that marks are made with (`TRADING_MARK_KEY`).

Must never have a default but for the demonstration.
"""

from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.resource_trading.bid.marks import Marker

DEMONSTRATION: Final = b"made-up bids of a made-up city"


class MarkSettings(BaseSettings):
    """At least 32 characters, random, and the same in every process of the service.

    A new key ends what can be compared: marks made before and after it differ.
    """

    model_config = SettingsConfigDict(env_prefix="TRADING_", frozen=True)

    demo: bool = False
    mark_key: SecretStr | None = Field(None, min_length=32)

    def marker(self) -> Marker | None:
        """What makes marks; None where no key is set, and then no mark can be recorded."""
        if self.mark_key is not None:
            return Marker(self.mark_key.get_secret_value().encode())
        return Marker(DEMONSTRATION) if self.demo else None
