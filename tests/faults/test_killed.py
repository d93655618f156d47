"""Whatever is killed or frozen while a stream flows, the end is that of an undisturbed run."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from libs.common.db.embedded import EmbeddedPostgres
from tests.faults.processes import processes
from tests.faults.scene import city
from tests.faults.undisturbed import differences, ended, flowing, progressed, undisturbed_run

KILLS = 4
FROZEN_SECONDS = 11
"""Longer than the database lets a frozen process keep what it has locked."""


@pytest.fixture(scope="module")
async def undisturbed(postgres: EmbeddedPostgres) -> list[tuple[Any, ...]]:
    """What stands when nothing happens to anyone."""
    return await undisturbed_run(postgres)


@pytest.fixture
def dsn(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A city on real time."""
    with city(postgres) as made:
        yield made


async def test_killed_again_and_again_one_restarted_worker_ends_as_an_undisturbed_run(
    dsn: str, undisturbed: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    rng = random.Random(20260302)
    with processes(tmp_path, DATABASE_URL=dsn) as started:
        async with flowing(dsn, 25) as task:
            kills = 0
            while not task.done() or kills < KILLS:
                started.start("worker", "approval", "monitor")
                await progressed(dsn)
                await asyncio.sleep(rng.uniform(0, 1.5))
                started.kill("worker")
                kills += 1
        started.start("worker", "approval", "monitor")
        await ended(dsn)
        assert started.stop("worker") == 0
    assert await differences(dsn, undisturbed) == ""


async def test_frozen_replaced_and_continued_two_workers_end_as_an_undisturbed_run(
    dsn: str, undisturbed: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    with processes(tmp_path, DATABASE_URL=dsn) as started:
        started.start("first", "approval", "monitor")
        await progressed(dsn)
        async with flowing(dsn, 18):
            await progressed(dsn, 20)
            started.freeze("first")
            started.start("second", "approval", "monitor")
            await asyncio.sleep(FROZEN_SECONDS)
            await progressed(dsn, 20)
            started.thaw("first")
        await ended(dsn)
        assert started.alive() == ["first", "second"]
        for name in started.alive():
            assert started.stop(name) == 0
    assert await differences(dsn, undisturbed) == ""
