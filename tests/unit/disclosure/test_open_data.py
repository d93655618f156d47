"""CSV that a program can read and a spreadsheet will not run."""

import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from libs.common.web.names import Names
from services.disclosure.record.model import Record
from services.disclosure.record.open_data import RECORD_COLUMNS, records_csv
from tests.unit.disclosure.events import BODY

ID = UUID("1c8a8e2e-6c1e-5a53-9d3b-0c6f0a7b7c11")

NAMES = Names({"office-1": {"zh": "市水务局", "en": "Water Bureau"}})


def row(**facts: Any) -> dict[str, str]:
    record = Record(
        id=ID,
        kind="award",
        about="tender/T-1",
        sequence=1,
        region="990100",
        office="office-1",
        happened_at=datetime(2026, 3, 2, 1, tzinfo=UTC),
        published_at=datetime(2026, 3, 2, 2, tzinfo=UTC),
        ground="招标投标法 16",
        facts=facts,
        withdrawn_at=None,
        withdrawal_ground=None,
        withdrawal_reason=None,
    )
    text = records_csv([record], "https://city.test", NAMES).decode()
    return next(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_has_its_permanent_link_and_its_times_in_utc() -> None:
    found = row()
    assert tuple(found) == RECORD_COLUMNS
    assert found["url"] == f"https://city.test/records/{ID}"
    assert found["published_at"] == "2026-03-02T02:00:00Z"


def test_candidates_stand_in_one_cell() -> None:
    found = row(candidates=[{"rank_no": 1, "party": BODY, "price": 5}, {"rank_no": 2}])
    assert found["candidates"] == f"1 {BODY} 5;2 - -"


@pytest.mark.parametrize("text", ["=1+1", "@x", "+1", "-1", "\tx"])
def test_a_cell_that_looks_like_a_formula_is_text(text: str) -> None:
    assert row(tender_no=text)["tender_no"] == f"'{text}"


def test_quotes_and_lines_survive() -> None:
    assert row(tender_no='a"b,\nc')["tender_no"] == 'a"b,\nc'


def test_the_last_column_is_what_the_office_is_called() -> None:
    assert list(row().items())[-1] == ("office_name", "市水务局")
