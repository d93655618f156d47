"""Every error is problem+json, in the caller's language, and says what to do."""

import httpx
import pytest

from tests.unit.common.web.client import client_of
from tests.unit.common.web.desk import PRIVATE, desk_app

API = "/api/approval/v1"
MEMBERS = {"type", "title", "status", "code", "detail", "instance", "errors"}


async def ask(method: str, path: str, **options: object) -> httpx.Response:
    async with client_of(desk_app()) as client:
        return await client.request(method, API + path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        (
            "POST",
            "/cases",
            {"content": b"{", "headers": {"content-type": "application/json"}},
            400,
            "bad_request",
        ),
        (
            "POST",
            "/cases",
            {"content": b'{"item":"\xff"}', "headers": {"content-type": "application/json"}},
            400,
            "bad_request",
        ),
        ("GET", "/nothing", {}, 404, "not_found"),
        ("GET", "/cases/0", {}, 404, "case_unknown"),
        ("PATCH", "/cases", {}, 405, "method_not_allowed"),
        ("GET", "/cases/closed", {}, 409, "conflict"),
        ("PUT", "/cases/1", {"headers": {"If-Match": '"2"'}}, 412, "precondition_failed"),
        ("POST", "/cases", {"content": b"x" * 1_048_577}, 413, "too_large"),
        ("POST", "/cases", {"json": {}}, 422, "invalid"),
        ("DELETE", "/cases/1", {}, 422, "refused_by_law"),
        ("PUT", "/cases/1", {}, 428, "precondition_required"),
        ("GET", "/broken", {}, 500, "internal_error"),
        ("GET", "/away", {}, 503, "unavailable"),
    ],
)
async def test_error_is_problem_json(
    method: str, path: str, options: dict[str, object], status: int, code: str
) -> None:
    answer = await ask(method, path, **options)
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(body) >= MEMBERS
    assert body["instance"] == API + path


@pytest.mark.parametrize("path", ["/broken", "/away"])
async def test_unhandled_error_keeps_its_text(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await ask("GET", path)
    assert PRIVATE not in answer.text
    assert "13800138000" not in "".join(capsys.readouterr())
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_busy_service_says_when_to_retry() -> None:
    assert (await ask("GET", "/away")).headers["retry-after"] == "5"


async def test_405_allows_every_method_of_the_address() -> None:
    answer = await ask("PATCH", "/cases/1")
    assert answer.headers["allow"] == "DELETE, GET, PUT"


async def test_law_and_field_are_named_in_english_when_asked() -> None:
    body = (await ask("DELETE", "/cases/1?lang=en")).json()
    assert body["law"] == "Administrative Licensing Law art. 32"
    assert body["errors"] == [{"pointer": "/number", "message": "already accepted"}]


async def test_law_and_field_are_named_in_chinese_by_default() -> None:
    body = (await ask("DELETE", "/cases/1")).json()
    assert body["law"] == "行政许可法第三十二条"
    assert body["errors"][0]["message"] == "已受理"


async def test_validation_names_each_value_by_pointer_and_never_repeats_it() -> None:
    answer = await ask("POST", "/cases", json={"item": "张三", "copies": 0, "day": "tomorrow"})
    errors = {e["pointer"]: e["message"] for e in answer.json()["errors"]}
    assert errors == {
        "/item": "至少 3 个字符",
        "/copies": "应不小于 1",
        "/day": "应为日期,如 2026-03-02",
    }
    assert "张三" not in answer.text


async def test_unknown_query_value_is_named_by_its_place() -> None:
    body = (await ask("GET", "/cases?limit=9000&lang=en")).json()
    assert body["errors"][0]["pointer"] == "query:limit"
    assert body["errors"][0]["message"] == "Input should be less than or equal to 200"
