"""The golden bytes: one event per type and version, written once and readable for ever."""

from pathlib import Path
from typing import Final

from libs.common.events import CONTRACTS

GOLDENS: Final = {
    path.stem: path for path in sorted((Path(__file__).parent / "golden").glob("*.json"))
}
CURRENT: Final = [name for name in GOLDENS if name in CONTRACTS]
"""The goldens of types that no upcaster replaces."""


def raw(event_type: str) -> bytes:
    """The golden bytes of a type, as a consumer would get them."""
    return GOLDENS[event_type].read_bytes()
