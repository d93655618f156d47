"""What the children of `sunlight up` are told through their environment.

What the caller's environment sets stays. Must never open a demonstration's doors beyond loopback.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson
import yaml

from libs.common.identity.loopback import is_loopback
from libs.common.web.names import VARIABLE as NAMES
from sunlight.commands.language import language
from sunlight.replay.kept import kept_law
from sunlight.up.place import Place

REGION: Final = "990100"
_POOLS: Final = {
    f"{service}_POOL_SIZE": "8" for service in ("APPROVAL", "TRADING", "MONITOR", "DISCLOSURE")
}


def environment(
    place: Place, host: str, url: str, data: Path, outside: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The children's environment: database, pools, and in a demonstration who acts and the names.

    A demonstration's names of offices and regions are written to a file in the folder `data`. A
    recording kept there brings the law it was judged by, and is open to whoever is on loopback.
    """
    law = kept_law(data)
    defaults = {**_POOLS, "SUNLIGHT_URL": url, "SUNLIGHT_LANG": language()}
    defaults["SUNLIGHT_IDENTITY_FOLDER"] = str(data.absolute() / "identity")
    if place.demo:
        defaults |= {"DISCLOSURE_REGION": REGION, NAMES: str(_names(data))}
    if place.demo and is_loopback(host):
        defaults |= _demonstration()
    if law and is_loopback(host):
        defaults |= {"MONITOR_DEMO": "1"}
    return {**defaults, **outside, **(law or {}), "DATABASE_URL": place.dsn}


def _demonstration() -> dict[str, str]:
    from sunlight.city.offices import DEMO_APPROVAL, DEMO_TRADING

    return {
        "APPROVAL_DEMO": "1",
        "APPROVAL_DEMO_OFFICE": DEMO_APPROVAL,
        "APPROVAL_DEMO_REGION": REGION,
        "TRADING_DEMO": "1",
        "TRADING_DEMO_OFFICE": DEMO_TRADING,
        "TRADING_DEMO_REGION": REGION,
        "MONITOR_DEMO": "1",
        "MONITOR_SOURCES": orjson.dumps(_sources()).decode(),
    }


def _names(data: Path) -> Path:
    from sunlight.city.offices import names

    path = data.absolute() / "names.yaml"
    written = yaml.safe_dump(names(), allow_unicode=True, sort_keys=False)
    path.write_text(written, encoding="utf-8")
    return path


def _sources() -> dict[str, Any]:
    """The city's foreign systems, each with a token that nobody knows."""
    from sunlight.city.registry import TITLES

    return {
        source: {"tokens_sha256": [secrets.token_hex(32)], "title": title}
        for source, title in TITLES.items()
    }
