"""What departments' own systems tell: licences they issue, a tender that another centre runs. Pure.

Two stories are planted: three licences of one department without a case in the hall, and a tender
whose candidates were public for two days only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sunlight.city.hours import ZONE
from sunlight.city.items import ITEMS, Item
from sunlight.city.offices import CITY, ENTERPRISES, OFFICES, Office

LICENCES: Final = f"/{CITY}/e-licence"
COUNTY_TENDERS: Final = "/990121/county-tenders"
TITLES: Final = {
    LICENCES: {"zh": "电子证照系统", "en": "Electronic licences"},
    COUNTY_TENDERS: {"zh": "明山县交易系统", "en": "Trading system of Mingshan County"},
}
STRAY_DAYS: Final = (11, 12, 14)
SHORT_DAY: Final = 16


@dataclass(frozen=True, slots=True)
class Told:
    """A CloudEvent of a foreign system, and when it is handed in."""

    at: datetime
    source: str
    body: dict[str, Any]


def licence(case_no: str, item: Item, at: datetime) -> Told:
    """The licence of a case that was granted."""
    data = {"licence_no": f"YG-{case_no}", "item_code": item.code, "case_no": case_no}
    return _licence(f"YG-{case_no}", item.office, at, data)


def planted(days: Sequence[date]) -> list[Told]:
    """The two stories, on the working days of the history."""
    item = next(item for item in ITEMS if item.title == "危险废物经营许可")
    found = []
    for place in STRAY_DAYS:
        number = f"YGHW-2026-{place:04d}"
        at = datetime.combine(days[place], time(15, 10), ZONE)
        found.append(_licence(number, item.office, at, _stray(number, item)))
    return [*found, *_short_publicity(days[SHORT_DAY])]


def _stray(number: str, item: Item) -> dict[str, Any]:
    return {"licence_no": number, "item_code": item.code}


def _licence(number: str, office: Office, at: datetime, data: dict[str, Any]) -> Told:
    kind = "cn.sunlight.registry.licence.issued.v1"
    body = _event(kind, at, data)
    return Told(at, LICENCES, _of(LICENCES, f"e-licence/{number}", office, body))


def _short_publicity(day: date) -> list[Told]:
    office = OFFICES["hill"]
    subject = "county-tenders/MS-2026-007"
    start = datetime.combine(day, time(9, 20), ZONE)
    until = datetime.combine(day + timedelta(days=2), time(17), ZONE)
    published = start - timedelta(days=30)
    plan = {
        "tender_no": "MS-2026-007",
        "kind": "works",
        "mandatory": True,
        "documents_from": published.isoformat(),
        "documents_until": (published + timedelta(days=7)).isoformat(),
        "bid_deadline": (start - timedelta(days=3)).isoformat(),
        "estimated_price": 460_000_000,
    }
    winner = {"rank_no": 1, "party": ENTERPRISES[7], "price": 441_000_000}
    shown = {
        "publicity_from": start.isoformat(),
        "publicity_until": until.isoformat(),
        "candidates": [winner],
    }
    told = (
        _event("cn.sunlight.trading.tender.published.v1", published, plan),
        _event("cn.sunlight.trading.tender.evaluated.v1", start - timedelta(days=1), {}),
        _event("cn.sunlight.trading.award.candidates-publicised.v1", start, shown),
    )
    return [
        Told(start, COUNTY_TENDERS, _of(COUNTY_TENDERS, subject, office, body)) for body in told
    ]


def _event(kind: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {"specversion": "1.0", "type": kind, "time": at.isoformat(), "data": data}


def _of(source: str, subject: str, office: Office, body: dict[str, Any]) -> dict[str, Any]:
    """The event as `source` hands it in; its id follows from what it tells."""
    return {
        **body,
        "id": str(uuid5(NAMESPACE_URL, f"{source}/{subject}/{body['type']}")),
        "source": source,
        "subject": subject,
        "region": office.region,
        "department": office.code,
    }
