"""A backup restored as the runbook says: what stood stands, and the work goes on from there."""

import subprocess
from pathlib import Path

from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from libs.common.db import binaries, migrations
from libs.common.db.embedded import EmbeddedPostgres
from tests.databases import fresh_database
from tests.faults.scene import days_pass, decide, found, receive, standing
from tests.faults.test_standing_still import all_found, horizon_passed
from tests.faults.witness import WitnessedMonitor
from tests.service.common.bus.city import consuming, relaying, until


def client(postgres: EmbeddedPostgres, name: str, *arguments: str) -> None:
    """Run a PostgreSQL client program; fails with what it printed."""
    program = binaries.programs(postgres.account) / name
    done = subprocess.run(
        [str(program), *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


async def test_a_restored_backup_stands_as_it_was_and_goes_on(
    postgres: EmbeddedPostgres, demonstration: str, tmp_path: Path
) -> None:
    dump = str(tmp_path / "sunlight.dump")
    async with relaying(demonstration, EmbeddedProducer(demonstration)):
        await receive(demonstration, "case/kept", "case/late", "case/later")
        await decide(demonstration, "case/kept")
        await decide(demonstration, "case/later")
        await days_pass(demonstration, 60)
        source = EmbeddedSource(demonstration, "monitor")
        async with consuming(demonstration, source, WitnessedMonitor()):
            await all_found(demonstration)
    before = await standing(demonstration)
    client(postgres, "pg_dump", "--format=custom", f"--file={dump}", demonstration)

    with fresh_database(postgres) as restored:
        client(
            postgres, "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={restored}", dump
        )
        await migrations.upgrade_all(restored)
        assert await standing(restored) == before
        async with relaying(restored, EmbeddedProducer(restored)):
            await receive(restored, "case/after")
            source = EmbeddedSource(restored, "monitor")
            async with consuming(restored, source, WitnessedMonitor()):
                await horizon_passed(restored)
                await days_pass(restored, 60)

                async def both() -> bool:
                    return len(await found(restored)) == 2

                await until(both)
        assert await found(restored) == ["case/after", "case/late"]
