"""Logs are JSON lines without personal data."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from libs.common.telemetry.logs import configure_logs, describe, mask, without_personal_data

IDENTITY = "11010519491231002X"
"""The example of GB 11643-1999."""


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged; loggers are as before afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("approval", stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False
    structlog.reset_defaults()


def fail(text: str) -> None:
    """Raise what a database client raises."""
    raise ValueError(text)


def last(stream: io.StringIO) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stream.getvalue().splitlines()[-1])
    return found


def test_line_is_json_with_service_level_and_time(lines: io.StringIO) -> None:
    structlog.get_logger().info("case_accepted", case="3301012026030200001")
    entry = last(lines)
    assert (entry["service"], entry["level"], entry["event"]) == (
        "approval",
        "info",
        "case_accepted",
    )
    assert entry["timestamp"].endswith("Z")
    assert entry["case"] == "3301012026030200001"


def test_persons_keys_are_dropped_at_any_depth(lines: io.StringIO) -> None:
    structlog.get_logger().info("x", name="张三", case={"phone": "1", "rows": [{"Address": "2"}]})
    entry = last(lines)
    assert "name" not in entry
    assert entry["case"] == {"rows": [{}]}


@pytest.mark.parametrize(
    "value",
    [IDENTITY, 13800138000, "电话13800138000。", "+86 138-0013-8000", ["a", {"b": IDENTITY}]],
)
def test_persons_numbers_are_masked_anywhere(value: Any) -> None:
    event = without_personal_data(None, "info", {"event": "x", "note": value})
    assert "***" in str(event["note"])
    assert "0013" not in str(event["note"])
    assert "19491231" not in str(event["note"])


@pytest.mark.parametrize(
    "text", ["3301012026030200001", "2026-03-02T09:00:00", "91330100MA27XXXX0X"]
)
def test_case_numbers_times_and_credit_codes_are_kept(text: str) -> None:
    assert mask(text) == text


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.text(alphabet="年 (,:", max_size=3))
def test_every_mobile_number_is_masked(number: str, around: str) -> None:
    assert number not in mask(f"{around}{number}{around}")


def test_standard_librarys_loggers_are_masked_too(lines: io.StringIO) -> None:
    logging.getLogger("other").warning("sent to %s", "13800138000")
    assert last(lines)["event"] == "sent to ***"


def test_error_is_told_by_type_and_place_without_the_row(lines: io.StringIO) -> None:
    text = "duplicate key\nDETAIL:  Key (owner)=(张三) exists.\n[parameters: ('张三',)]"
    try:
        fail(text)
    except ValueError:
        structlog.get_logger().exception("failed")
    entry = last(lines)
    assert (entry["error"], entry["error_text"]) == ("ValueError", "duplicate key")
    assert entry["error_at"][-1].endswith(" fail")
    assert "张三" not in lines.getvalue()


def test_error_that_was_never_raised_has_no_places() -> None:
    assert describe(KeyError("x"))["error_at"] == []


def test_access_log_is_off_because_addresses_name_cases(lines: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info("GET /cases/1?code=2")
    assert lines.getvalue() == ""
