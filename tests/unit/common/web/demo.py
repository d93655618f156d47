"""A page with every part of the shell, for tests and for looking at.

`python -m tests.unit.common.web.demo PORT` serves it on loopback.
"""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from libs.common.web.app import ServiceAPI, create_app
from libs.common.web.names import Names
from libs.common.web.shell import Shell

TEMPLATES = Path(__file__).parent / "templates"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SPRING = {"zh": "春节", "en": "Spring Festival"}
CLOSED = {date(2026, 2, 15) + timedelta(days=n): SPRING for n in range(9)}
MAKEUP = {date(2026, 2, 14), date(2026, 2, 28)}
HEARING = {"zh": "听证", "en": "Hearing"}
PAUSED = {date(2026, 2, 26), date(2026, 2, 27)}

NAMES = Names(
    {
        "330100": {"zh": "市住房和城乡建设局", "en": "Housing and Construction Bureau"},
        "330101": {"zh": "市市场监督管理局", "en": "Market Supervision Bureau"},
        "330102": {"zh": "东山区行政审批局", "en": "Dongshan District Approval Bureau"},
    }
)


def calendar_days() -> list[dict[str, Any]]:
    """Days from 2026-02-09 to 2026-03-04: a spring festival, make-up days, a pause."""
    days: list[dict[str, Any]] = []
    ordinal = 0
    for n in range(24):
        day = date(2026, 2, 9) + timedelta(days=n)
        kind = _kind(day)
        ground = HEARING if day in PAUSED else None
        counted = n > 0 and kind in ("working", "makeup") and ground is None
        ordinal += counted
        mark = {0: "start", 23: "due"}.get(n)
        days.append(
            {
                "day": day,
                "kind": kind,
                "counted": counted,
                "ground": ground,
                "name": CLOSED.get(day),
                "ordinal": ordinal if counted else None,
                "mark": mark,
            }
        )
    return days


def _kind(day: date) -> str:
    if day in MAKEUP:
        return "makeup"
    if day in CLOSED:
        return "holiday"
    return "weekend" if day.isoweekday() > 5 else "working"


def offices() -> list[dict[str, Any]]:
    """Rows of a table."""
    return [
        {
            "code": code,
            "part": 1204 - 311 * n,
            "base": 1237 - 300 * n,
            "overdue": n * 7,
            "badge": ("met", "yellow", "red")[n],
        }
        for n, code in enumerate(NAMES.entries)
    ]


def demo_app(service: str = "monitor") -> ServiceAPI:
    """An application with the demonstration page at `/demo`, and an empty one at `/demo/empty`."""
    shell = Shell(service, templates=[TEMPLATES], catalogues=[TEMPLATES / "demo.yaml"], names=NAMES)
    pages = APIRouter()

    @pages.get("/demo")
    async def demo(request: Request) -> HTMLResponse:
        return shell.page(
            request,
            "demo.html",
            now=NOW,
            days=calendar_days(),
            offices=offices(),
            moments=moments(),
        )

    return create_app(service, title="Demo", routers=[], pages=[pages], shell=shell)


def moments() -> list[dict[str, Any]]:
    """Entries of a timeline."""
    return [
        {
            "at": NOW - timedelta(days=21),
            "title": {"zh": "受理", "en": "Accepted"},
            "text": {"zh": "已出具受理单", "en": "Receipt issued"},
            "who": {"zh": "综合窗口 3 号", "en": "General window 3"},
        },
        {
            "at": NOW - timedelta(days=4),
            "title": {"zh": "暂停计时", "en": "Clock paused"},
            "text": {
                "zh": "听证,已书面通知申请人",
                "en": "Hearing; the applicant was notified in writing",
            },
        },
        {
            "at": NOW - timedelta(minutes=35),
            "title": {"zh": "审查", "en": "Under review"},
            "kind": "now",
        },
        {
            "day": date(2026, 3, 4),
            "title": {"zh": "应当作出决定", "en": "Decision due"},
            "kind": "planned",
        },
    ]


if __name__ == "__main__":
    uvicorn.run(demo_app(), host="127.0.0.1", port=int(sys.argv[1]), access_log=False)
