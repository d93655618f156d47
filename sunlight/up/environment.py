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

from libs.common.identity.demonstration import POSTS
from libs.common.identity.loopback import is_loopback
from libs.common.web.names import VARIABLE as NAMES
from sunlight.commands.language import language
from sunlight.issuer.folder import kept_secret
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
    secret_files = data.absolute() / "identity"
    defaults["SUNLIGHT_IDENTITY_FOLDER"] = str(secret_files)
    defaults["APPROVAL_APPLICANT_KEY"] = kept_secret(secret_files, "applicant")
    defaults["APPROVAL_FILES"] = str(data.absolute() / "files")
    defaults["DISCLOSURE_CASE_LOOKUP"] = "/cases"
    if place.demo:
        defaults |= {"DISCLOSURE_REGION": REGION, NAMES: str(_names(data))}
    if place.demo and is_loopback(host):
        defaults |= _demonstration()
    if law and is_loopback(host):
        defaults |= {"MONITOR_DEMO": "1", "SUNLIGHT_RECORDING": "1"}
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
        "MONITOR_DEMO_SOURCE_OFFICE": DEMO_APPROVAL,
        "DISCLOSURE_DEMO": "1",
        "MONITOR_SOURCES": orjson.dumps(_sources()).decode(),
        POSTS: orjson.dumps(_posts()).decode(),
    }


def _posts() -> dict[str, Any]:
    """Where the posts of the roles stand: who watches is of another office than who is watched."""
    from sunlight.city.offices import AUDIT, HILL_SUPERVISION, OFFICES, SUPERVISION, VERIFICATION

    of = {
        "supervisor": SUPERVISION,
        "verifier": VERIFICATION,
        "auditor": AUDIT,
        "centre": OFFICES["centre"],
        "administrator": OFFICES["permit"],
        "publisher": OFFICES["permit"],
    }
    district = {
        "role": "supervisor",
        "office": HILL_SUPERVISION.code,
        "region": HILL_SUPERVISION.region,
        "title": {"zh": "监察人员(只管明山县)", "en": "Supervisor (of Mingshan County alone)"},
    }
    posts: dict[str, Any] = {role: {"office": office.code} for role, office in of.items()}
    return {**posts, "supervisor-district": district}


def _names(data: Path) -> Path:
    from sunlight.city.directory import names

    path = data.absolute() / "names.yaml"
    written = yaml.safe_dump(names(), allow_unicode=True, sort_keys=False)
    path.write_text(written, encoding="utf-8")
    return path


def _sources() -> dict[str, Any]:
    """The city's foreign systems, each with a token that nobody knows."""
    from sunlight.city.registry import OWNERS, TITLES

    return {
        source: {
            "tokens_sha256": [secrets.token_hex(32)],
            "title": title,
            "office": OWNERS[source],
        }
        for source, title in TITLES.items()
    }
