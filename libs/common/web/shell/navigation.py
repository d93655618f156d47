"""Which services the header leads to: those that have pages.

`SUNLIGHT_PAGES` lists them by name, separated by commas. Must never lead to an address that
nobody answers.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

VARIABLE: Final = "SUNLIGHT_PAGES"
WITH_PAGES: Final = "disclosure,approval,trading,monitor"
ADDRESSES: Final[Mapping[str, str]] = {
    "disclosure": "/",
    "approval": "/window",
    "trading": "/trading",
    "monitor": "/monitor",
}


def navigation(service: str, env: Mapping[str, str] = os.environ) -> list[tuple[str, str]]:
    """The services and addresses of the header, in its order; the page's own is among them.

    Raises ValueError for a service that there is not.
    """
    listed = {name.strip() for name in env.get(VARIABLE, WITH_PAGES).split(",")} - {""}
    if unknown := listed - set(ADDRESSES):
        raise ValueError(f"{VARIABLE}: no service {', '.join(sorted(unknown))}")
    return [(name, address) for name, address in ADDRESSES.items() if name in listed | {service}]
