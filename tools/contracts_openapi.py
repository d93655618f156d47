"""The OpenAPI document of each service, as its application serves it.

Must never depend on the machine: an application is made for its addresses only, and connects to
nothing before it is started.
"""

import importlib
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final

NOWHERE: Final = "postgresql://nowhere"
PACKAGES: Final[Mapping[str, str]] = {
    "approval": "services.approval",
    "trading": "services.resource_trading",
    "monitor": "services.e_monitor",
    "disclosure": "services.disclosure",
}


@cache
def openapi(service: str) -> dict[str, Any]:
    """The document that `/api/<service>/openapi.json` answers."""
    package = PACKAGES[service]
    settings = importlib.import_module(f"{package}.settings").Settings(dsn=NOWHERE)
    made: dict[str, Any] = importlib.import_module(f"{package}.app").create_app(settings).openapi()
    return made


def documents() -> dict[str, Callable[[], dict[str, Any]]]:
    """File name → what makes the document."""
    return {f"openapi/{service}.json": partial(openapi, service) for service in PACKAGES}
