"""Rows of sessions under pressure: what has ended stays ended, and nothing piles up."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from libs.common.db.engine import pool
from libs.common.identity.principal import Principal
from libs.common.identity.sessions import Sessions
from tests.service.identity.site import Site, sign_in

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WHO = Principal("https://id.example", "u-1", "post-1", "office-1", "990100", frozenset({"clerk"}))
END = NOW + timedelta(minutes=10)
WHOAMI = "/api/approval/v1/whoami"
IDLE, LIFETIME = timedelta(minutes=30), timedelta(hours=10)


@pytest.fixture
async def sessions(identity_database: str) -> AsyncIterator[Sessions]:
    async with await pool(identity_database, "identity", max_size=8) as held:
        yield Sessions(held, IDLE, LIFETIME)


async def test_a_session_is_who_started_it(sessions: Sessions) -> None:
    session = await sessions.start(WHO, id_token="t", now=NOW)  # noqa: S106
    assert await sessions.find(session, now=NOW) == WHO
    assert await sessions.find(session + "x", now=NOW) is None


async def test_uses_at_the_moment_of_signing_out_never_bring_it_back(sessions: Sessions) -> None:
    for _ in range(10):
        session = await sessions.start(WHO, id_token="t", now=NOW)  # noqa: S106
        later = NOW + timedelta(minutes=5)
        uses = [sessions.find(session, now=later) for _ in range(6)]
        ended = [sessions.end(session) for _ in range(2)]
        *_, first, second = await asyncio.gather(*uses, *ended)
        assert {first, second} == {"t", None}
        assert await sessions.find(session, now=later) is None


async def test_a_state_is_spent_once_however_many_try_at_once(sessions: Sessions) -> None:
    tries = [sessions.spend("state-1", ends_at=END, now=NOW) for _ in range(8)]
    assert sorted(await asyncio.gather(*tries)) == [False] * 7 + [True]


async def test_ended_rows_are_removed_when_someone_signs_in(sessions: Sessions) -> None:
    idle = await sessions.start(WHO, id_token="t", now=NOW)  # noqa: S106
    await sessions.start(WHO, id_token="t", now=NOW + timedelta(minutes=31))  # noqa: S106
    assert await sessions.end(idle) is None
    assert await sessions.pool.fetchval("SELECT count(*) FROM session") == 1


async def test_spent_states_are_forgotten_once_they_are_too_old_to_serve(
    sessions: Sessions,
) -> None:
    await sessions.spend("state-1", ends_at=END, now=NOW)
    await sessions.spend("state-2", ends_at=END + timedelta(minutes=10), now=END)
    assert await sessions.pool.fetchval("SELECT count(*) FROM spent_state") == 1


async def test_every_session_of_a_subject_ends_together(sessions: Sessions) -> None:
    theirs = [await sessions.start(WHO, id_token="t", now=NOW) for _ in range(2)]  # noqa: S106
    other = Principal("https://id.example", "u-2", "p", "o", "990100", frozenset())
    kept = await sessions.start(other, id_token="t", now=NOW)  # noqa: S106
    await sessions.end_all(WHO.issuer, WHO.subject)
    assert [await sessions.find(session, now=NOW) for session in theirs] == [None, None]
    assert await sessions.find(kept, now=NOW) == other


@pytest.mark.parametrize(
    ("accept", "status"), [("text/event-stream", 401), ("application/json", 200)]
)
async def test_a_page_that_only_listens_does_not_keep_a_session_alive(
    site: Site, accept: str, status: int
) -> None:
    async with site.browser(accept="application/json") as browser:
        await sign_in(browser)
        for _ in range(2):
            site.clock.ahead += timedelta(minutes=20)
            answer = await browser.get(WHOAMI, headers={"accept": accept})
        assert (await browser.get(WHOAMI)).status_code == status
        assert answer.status_code == status
