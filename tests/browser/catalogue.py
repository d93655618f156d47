"""Every page that the platform has, whose it is, and where its address is found in a running one.

A page that is not listed here fails the suite: nobody adds one that is not looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from sunlight.city.stories import COLLUDING
from sunlight.demo.app import demonstrated
from sunlight.issuer.app import guard
from tools.contracts_openapi import NOWHERE, PACKAGES

CASE: Final = "/window/cases/{case_no}"
TENDER: Final = "/trading/tenders/{ref}"
FINDING: Final = "/monitor/findings/{finding_id}"
WHY: Final = "/monitor/why/{subject:path}/{rule}"
LATE: Final = "/monitor/findings?rule=APV-010"
DEMO: Final[Mapping[str, str]] = {
    "APPROVAL_DEMO": "1",
    "TRADING_DEMO": "1",
    "MONITOR_DEMO": "1",
    "DATABASE_URL": NOWHERE,
}
NO_PAGES: Final = frozenset(
    {
        "/livez",
        "/readyz",
        "/metrics",
        "/monitor/stream",  # what changes while a page is open
        "/demo/clock",  # a part of every page's header
        "/demo/fast-forward/part",
        "/window/cases/{case_no}/receipt.pdf",
        "/feeds/{file}",
        "/open-data/records.csv",
        "/open-data/overdue.csv",
        "/ocds/releases.json",
        "/ocds/tenders/{number}.json",
    }
)


@dataclass(frozen=True)
class Sight:
    """A page in one of its states.

    `route` is its template; `role` who looks (None: a stranger). Where the route has parameters,
    `at` is the page whose links name them (an address, or the name of a page listed before), to
    pages of the route `by` (None: the same route); `like` is a text of such a link. `public`: for
    anyone, and readable without JavaScript; `listed`: search engines may.
    """

    name: str
    route: str
    role: str | None = None
    at: str | None = None
    by: str | None = None
    like: str = ""
    query: str = ""
    public: bool = False
    listed: bool = True

    def address(self, html: str) -> str | None:
        """The page's address, by the first fitting link in `html` (the page at `at`)."""
        form = re.escape(self.by or self.route).replace(r"\{", "{").replace(r"\}", "}")
        form = re.sub(r"{(\w+):path}", r'(?P<\1>[^"?#]+?)', form)
        form = re.sub(r"{(\w+)}", r'(?P<\1>[^"/?#]+)', form)
        for link in re.finditer(f'href="{form}["?#]', html):
            if self.like in link[0]:
                return re.sub(r":path}", "}", self.route).format(**link.groupdict())
        return None


PAGES: Final = (
    Sight("home", "/", public=True),
    Sight("home-filtered", "/", query="kind=award", public=True),
    Sight("record", "/records/{record_id}", at="/", public=True),
    Sight("overdue", "/overdue", public=True),
    Sight("find-case", "/cases", public=True),
    Sight("progress", "/cases/{case_no}", at="/window", by=CASE, public=True, listed=False),
    Sight("window-queue", "/window", role="clerk"),
    Sight("window-case", CASE, role="clerk", at="/window"),
    Sight("window-new", "/window/new", role="clerk"),
    Sight("receipt", f"{CASE}/receipt", role="clerk", at="/window", by=CASE),
    Sight("trading", "/trading", role="centre"),
    Sight("tender", TENDER, role="centre", at="/trading"),
    Sight("tender-leads", TENDER, role="supervisor", at="/trading", like=f"-{COLLUDING}"),
    Sight("leads", "/monitor/leads/{subject:path}", role="supervisor", at="tender-leads"),
    Sight("monitor", "/monitor", role="supervisor"),
    Sight("monitor-head", "/monitor", role="head"),
    Sight("findings", "/monitor/findings", role="supervisor"),
    Sight("finding", FINDING, role="supervisor", at=LATE),
    Sight("finding-lead", FINDING, role="supervisor", at="/monitor/findings?rule=EMO-020"),
    Sight("why", WHY, role="supervisor", at=LATE, like="/APV-010"),
    Sight("why-lead", WHY, role="supervisor", at="/monitor"),
    Sight("subject", "/monitor/subjects/{subject:path}", role="supervisor", at="/monitor"),
    Sight("work", "/monitor/work", role="supervisor"),
    Sight("work-head", "/monitor/work", role="head"),
    Sight("sources", "/monitor/sources", role="developer"),
    Sight("roles", "/auth/role"),
    Sight("fast-forward", "/demo/fast-forward", role="supervisor"),
)


def served_routes() -> set[str]:
    """Every address outside the API that any application answers a GET with."""
    found = set()
    for app in applications().values():
        for context in iter_route_contexts(app.routes):
            path = context.path or ""
            if "GET" in (context.methods or ()) and not path.startswith("/api/"):
                found.add(path)
    return found


def applications() -> dict[str, FastAPI]:
    """The applications of a demonstration, made for their addresses alone."""
    apps = {}
    for name, package in PACKAGES.items():
        settings = import_module(f"{package}.settings").Settings(dsn=NOWHERE)
        apps[name] = import_module(f"{package}.app").create_app(settings)
    apps["identity"] = guard(apps, DEMO)
    demo = demonstrated(apps, {**os.environ, **DEMO})
    return {**apps, **({"demo": demo} if demo else {})}
