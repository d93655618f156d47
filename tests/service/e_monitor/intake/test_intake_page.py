"""The page of sources: what arrived, what did not and why, and a line to try."""

import asyncio
import html
import re
import socket
from datetime import UTC, datetime

import httpx
import uvicorn
from fastapi import FastAPI

from libs.common.db.engine import Connection
from tests.needs import program
from tests.service.e_monitor.intake.system import (
    HOUSING,
    LAND,
    TOKENS,
    System,
    application,
    callers,
    licence,
)


async def _page(client: httpx.AsyncClient, **query: str) -> str:
    answer = await client.get("/monitor/sources", params={"lang": "en", **query})
    assert answer.status_code == 200, answer.text
    return answer.text


def _row(page: str, source: str) -> list[str]:
    """The numbers of a source's row."""
    (row,) = [part for part in page.split("<tr>") if f">{source}</span>" in part]
    return re.findall(r'<td class="num">([\d,]+)</td>', row)


async def test_the_page_counts_what_became_of_a_sources_events(
    client: httpx.AsyncClient, housing: System, owner: Connection
) -> None:
    event = licence()
    await housing.send_batch([event, event, {**event, "data": {"licence_no": "x"}}, {}, {}])
    await owner.execute(
        'INSERT INTO parked (topic, partition, "offset", subject, reason, error, raw, parked_at) '
        "VALUES ('registry', 0, 0, 'housing/1', 'poison', '', '', now())"
    )
    page = await _page(client)
    assert _row(page, HOUSING) == ["1", "1", "1", "2", "1"]
    assert _row(page, LAND) == ["0", "0", "0", "0", "0"]
    assert "Never heard" in page


async def test_the_page_shows_rejected_events_with_their_reason(
    client: httpx.AsyncClient, housing: System
) -> None:
    await housing.send(licence(id="wrong-1", data={}))
    page = await _page(client, source=HOUSING)
    assert "wrong-1" in page
    assert "/data/licence_no" in page
    assert "Field required" in page
    assert "wrong-1" not in await _page(client, source=LAND)


async def test_text_of_a_rejected_event_never_becomes_markup(
    client: httpx.AsyncClient, housing: System
) -> None:
    await housing.send(licence(id="<script>alert(1)</script>", data={}))
    assert "<script>alert" not in await _page(client, source=HOUSING)


async def test_the_page_is_for_those_the_service_knows(app: FastAPI) -> None:
    transport = httpx.ASGITransport(app=app, client=("10.0.0.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as stranger:
        assert (await stranger.get("/monitor/sources")).status_code == 401


async def test_the_page_without_sources_says_what_would_stand_there(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    app.state.intake = type(app.state.intake)(())
    assert "MONITOR_SOURCES" in await _page(client)


async def test_the_curl_line_of_the_page_works(dsn: str, owner: Connection) -> None:
    program("curl")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(
        application(dsn, callers()), host="127.0.0.1", port=port, log_config=None
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            page = await _page(client, source=HOUSING)
        shown = re.search(r'<code id="curl">(.*?)</code>', page)
        assert shown is not None
        shell = await asyncio.create_subprocess_shell(
            html.unescape(shown[1]),
            env={"SUNLIGHT_TOKEN": TOKENS[HOUSING], "PATH": "/usr/bin:/bin"},
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await shell.communicate()
    finally:
        server.should_exit = True
        await serving
    assert b'"status":"accepted"' in told
    assert await owner.fetchval("SELECT count(*) FROM received") == 0


async def test_a_source_that_spoke_shows_since_when_it_is_silent(
    client: httpx.AsyncClient, housing: System
) -> None:
    await housing.send(licence())
    page = await _page(client)
    assert f"{datetime(2026, 3, 2, 9, tzinfo=UTC):%Y-%m-%d} Mon 09:" in page
    assert "just now" in page
