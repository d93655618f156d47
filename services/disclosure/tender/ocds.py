"""Public records of tenders as OCDS 1.1 releases (standard.open-contracting.org/1.1).

One record is one release, under the record's id. Candidates are left out: the standard has no
stage for them. Must never add a fact that the record does not hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from services.disclosure.record.model import Record

KINDS: Final = ("tender_notice", "award", "contract")
_TAGS: Final[Mapping[str, str]] = {
    "published": "tender",
    "clarified": "tenderAmendment",
    "terminated": "tenderCancellation",
    "award": "award",
    "contract": "contract",
}
_CATEGORIES: Final = frozenset({"works", "goods", "services"})


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes: `site` is scheme and host, `prefix` the registered ocid prefix."""

    site: str
    name: str
    prefix: str


def package(records: Sequence[Record], publisher: Publisher, uri: str, at: datetime) -> Any:
    """A release package of records of `KINDS`; `at` is when it was published."""
    return {
        "uri": uri,
        "version": "1.1",
        "publishedDate": _instant(at),
        "publisher": {"name": publisher.name, "uri": publisher.site},
        "releases": [_release(record, publisher) for record in records],
    }


def _release(record: Record, publisher: Publisher) -> dict[str, Any]:
    number = record.about.removeprefix("tender/")
    release: dict[str, Any] = {
        "ocid": f"{publisher.prefix}-{record.region}-{number}",
        "id": str(record.id),
        "date": _instant(record.published_at),
        "tag": [_TAGS[record.facts.get("notice", record.kind)]],
        "initiationType": "tender",
        "language": "zh",
        "parties": _parties(record),
        "tender": _tender(record, number),
    }
    if record.office:
        release["buyer"] = {"id": record.office}
    if record.kind == "award":
        release["awards"] = [_award(record, number)]
    if record.kind == "contract":
        release["contracts"] = [_contract(record, number)]
    return release


def _parties(record: Record) -> list[dict[str, Any]]:
    named = [(record.office, "buyer"), (record.facts.get("winner"), "supplier")]
    return [
        {"id": code, "identifier": {"id": code}, "roles": [role]} for code, role in named if code
    ]


def _tender(record: Record, number: str) -> dict[str, Any]:
    facts = record.facts
    tender: dict[str, Any] = {"id": number, "status": _status(record)}
    if facts.get("trade") in _CATEGORIES:
        tender["mainProcurementCategory"] = facts["trade"]
    period = {"startDate": facts.get("documents_from"), "endDate": facts.get("bid_deadline")}
    if told := {name: value for name, value in period.items() if value is not None}:
        tender["tenderPeriod"] = told
    return tender


def _status(record: Record) -> str:
    if record.kind != "tender_notice":
        return "complete"
    return "cancelled" if record.facts.get("notice") == "terminated" else "active"


def _award(record: Record, number: str) -> dict[str, Any]:
    award = {"id": _lot(record, number), "status": "active", "date": _instant(record.happened_at)}
    winner = record.facts.get("winner")
    suppliers = {"suppliers": [{"id": winner}]} if winner else {}
    return {**award, **_value(record), **suppliers}


def _contract(record: Record, number: str) -> dict[str, Any]:
    lot = _lot(record, number)
    signed = {"status": "active", "dateSigned": _instant(record.happened_at)}
    return {"id": lot, "awardID": lot, **signed, **_value(record)}


def _lot(record: Record, number: str) -> str:
    return f"{number}/{record.facts.get('lot', '1')}"


def _value(record: Record) -> dict[str, Any]:
    """Integer fen as yuan."""
    fen = record.facts.get("price")
    return {} if fen is None else {"value": {"amount": fen / 100, "currency": "CNY"}}


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
