"""What departments' own systems tell: licences they issue, tenders that county centres run. Pure.

Two stories are planted: three licences of one department without a case in the hall, and a tender
whose candidates were public for two days only. Their twins: the same department's other licences,
told without a case's number too but known to the hall, and a tender with four days of publicity.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sunlight.city import stories
from sunlight.city.hours import ZONE, Hours
from sunlight.city.items import ITEMS, Item
from sunlight.city.offices import CITY, COUNTY_WORKS, ENTERPRISES, OFFICES, Office

LICENCES: Final = f"/{CITY}/e-licence"
HILL_TENDERS: Final = "/990121/hill-tenders"
RIVER_TENDERS: Final = "/990122/river-tenders"
TITLES: Final = {
    LICENCES: {"zh": "电子证照系统", "en": "Electronic licences"},
    HILL_TENDERS: {"zh": "明山县交易系统", "en": "Trading system of Mingshan County"},
    RIVER_TENDERS: {"zh": "清河县交易系统", "en": "Trading system of Qinghe County"},
}
OWNERS: Final = {
    LICENCES: OFFICES["permit"].code,
    HILL_TENDERS: COUNTY_WORKS["990121"].code,
    RIVER_TENDERS: COUNTY_WORKS["990122"].code,
}
STRAY: Final = (time(9, 3), time(9, 6), time(9, 9))
"""When licences are issued without a case, on the history's last morning."""
ITEM: Final = next(item for item in ITEMS if item.title == "危险废物经营许可")
PUBLISHED_DAY: Final = 3
DEADLINE_DAY: Final = 26
EVALUATED_DAY: Final = 29


@dataclass(frozen=True, slots=True)
class Told:
    """A CloudEvent of a foreign system, and when it is handed in."""

    at: datetime
    source: str
    body: dict[str, Any]


def licence(case_no: str, item: Item, at: datetime) -> Told:
    """The licence of a case that was granted; one department's system does not know the case."""
    number = f"YG-{case_no}"
    data = {"licence_no": number, "item_code": item.code}
    if item.office is not ITEM.office:
        data["case_no"] = case_no
    return _licence(number, item.office, at, data)


def planted(hours: Hours) -> list[Told]:
    """The two stories and the second's twin, on the working days of the history."""
    last = stories.LAST
    strays = [_stray(place, stories.at(hours, last, at)) for place, at in enumerate(STRAY, 27)]
    hill, river = COUNTY_WORKS["990121"], COUNTY_WORKS["990122"]
    return [
        *strays,
        *_county_tender(HILL_TENDERS, hill, "MS-2026-007", hours, public_days=2),
        *_county_tender(RIVER_TENDERS, river, "QH-2026-004", hours, public_days=4),
    ]


def _stray(place: int, at: datetime) -> Told:
    number = f"YGHW-2026-{place:04d}"
    return _licence(number, ITEM.office, at, {"licence_no": number, "item_code": ITEM.code})


def _licence(number: str, office: Office, at: datetime, data: dict[str, Any]) -> Told:
    kind = "cn.sunlight.registry.licence.issued.v1"
    body = _event(kind, at, data)
    return Told(at, LICENCES, _of(LICENCES, f"e-licence/{number}", office, body))


def _county_tender(
    source: str, office: Office, number: str, hours: Hours, *, public_days: int
) -> list[Told]:
    """A county's tender as its own system tells it, each event on its day."""
    published = stories.at(hours, PUBLISHED_DAY, time(9, 15))
    deadline = stories.at(hours, DEADLINE_DAY, time(9, 30))
    start = stories.at(hours, stories.LAST, time(9, 8))
    plan = {
        "tender_no": number,
        "kind": "works",
        "mandatory": True,
        "documents_from": published.isoformat(),
        "documents_until": (published + timedelta(days=7)).isoformat(),
        "bid_deadline": deadline.isoformat(),
        "estimated_price": 460_000_000,
    }
    until = datetime.combine(start.date() + timedelta(days=public_days), time(17), ZONE)
    shown = {
        "publicity_from": start.isoformat(),
        "publicity_until": until.isoformat(),
        "candidates": [{"rank_no": 1, "party": ENTERPRISES[7], "price": 441_000_000}],
    }
    evaluated = stories.at(hours, EVALUATED_DAY, time(16))
    events = (
        _event("cn.sunlight.trading.tender.published.v1", published, plan),
        _event("cn.sunlight.trading.tender.evaluated.v1", evaluated, {}),
        _event("cn.sunlight.trading.award.candidates-publicised.v1", start, shown),
    )
    subject = f"{source.rsplit('/', 1)[1]}/{number}"
    return [
        Told(datetime.fromisoformat(body["time"]), source, _of(source, subject, office, body))
        for body in events
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
