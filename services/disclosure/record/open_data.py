"""Open data: records and overdue counts as CSV (RFC 4180, UTF-8). Pure.

Columns are added at the end and never renamed. Times are RFC 3339 in UTC, money integer fen.
Must never write a cell that a spreadsheet would run as a formula.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from libs.common.web.names import Names
from services.disclosure.overdue.repository import OfficeCount
from services.disclosure.record.model import Record

CSV_TYPE: Final = "text/csv; charset=utf-8; header=present"
_FACTS: Final = (
    "notice",
    "tender_no",
    "item_code",
    "outcome",
    "lot",
    "trade",
    "documents_from",
    "documents_until",
    "bid_deadline",
    "affects_preparation",
    "bid_bond",
    "publicity_from",
    "publicity_until",
    "candidates",
    "winner",
    "price",
)
RECORD_COLUMNS: Final = (
    "id",
    "url",
    "kind",
    "region",
    "office",
    "regime",
    "happened_at",
    "published_at",
    "ground",
    *_FACTS,
    "office_name",
)
_COUNTS: Final = (
    "matter",
    "region",
    "office",
    "month",
    "occurred",
    "standing",
    "handled",
    "changed_at",
)
COUNT_COLUMNS: Final = (*_COUNTS, "office_name", "waiting")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def records_csv(records: Iterable[Record], site: str, names: Names) -> bytes:
    """Records, one a row; `site` is the scheme and host of permanent links."""
    return _written(RECORD_COLUMNS, (_row(record, site, names) for record in records))


def _row(record: Record, site: str, names: Names) -> list[Any]:
    return [
        record.id,
        f"{site}/records/{record.id}",
        record.kind,
        record.region,
        record.office,
        record.regime,
        record.happened_at,
        record.published_at,
        record.ground,
        *(record.facts.get(name) for name in _FACTS),
        _name(record.office, names),
    ]


def overdue_csv(counts: Iterable[OfficeCount], names: Names) -> bytes:
    """Overdue counts by office and month."""
    rows = (
        [*(getattr(count, name) for name in _COUNTS), _name(count.office, names), count.waiting]
        for count in counts
    )
    return _written(COUNT_COLUMNS, rows)


def _name(office: str, names: Names) -> str | None:
    """The office's Chinese name, where it has one."""
    return names.of(office)["zh"] if names.knows(office) else None


def _written(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case list():
            return ";".join(
                " ".join(str(item.get(name, "-")) for name in ("rank_no", "party", "price"))
                for item in value
            )
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
