"""Migrations make schema, role, tables and rights together, and again without harm."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text

from libs.common.db import migrations
from libs.common.db.engine import connect


def metadata(*extra: Column[str]) -> MetaData:
    found = MetaData()
    Table("step", found, Column("id", BigInteger, primary_key=True), Column("name", Text), *extra)
    return found


@pytest.fixture
async def migrated(empty_database: str, chain: Path) -> str:
    await migrations.upgrade(empty_database, "approval")
    return empty_database


async def test_a_new_database_has_no_revision(empty_database: str, chain: Path) -> None:
    assert await migrations.current(empty_database, "approval") is None


async def test_upgrade_reaches_the_head(migrated: str) -> None:
    assert migrations.head("approval") == "0001"
    assert await migrations.current(migrated, "approval") == "0001"


async def test_upgrade_again_changes_nothing(migrated: str) -> None:
    await migrations.upgrade(migrated, "approval")

    assert await migrations.current(migrated, "approval") == "0001"


async def test_upgrades_at_once_wait_for_each_other(empty_database: str, chain: Path) -> None:
    await asyncio.gather(*(migrations.upgrade(empty_database, "approval") for _ in range(4)))

    assert await migrations.current(empty_database, "approval") == "0001"


async def test_a_failing_revision_leaves_nothing_behind(empty_database: str, chain: Path) -> None:
    second = 'from alembic import op\nrevision = "0002"\ndown_revision = "0001"\n\n'
    body = 'def upgrade():\n    op.execute("SELECT 1 / 0")\n'
    (chain / "versions/0002.py").write_text(second + body, "utf-8")

    with pytest.raises(Exception, match="division by zero"):
        await migrations.upgrade(empty_database, "approval")

    assert await migrations.current(empty_database, "approval") is None
    owner = await asyncpg.connect(empty_database)
    assert await owner.fetchval("SELECT to_regnamespace('approval')") is None
    await owner.close()


async def test_a_script_takes_colons_literally(migrated: str) -> None:
    service = await connect(migrated, "approval")
    assert await service.fetchval("INSERT INTO reading (id) VALUES (1) RETURNING at") == ":noon"
    await service.close()


async def test_models_like_the_database_show_no_difference(migrated: str) -> None:
    assert await migrations.check(migrated, "approval", metadata()) == []


async def test_a_column_that_no_migration_made_is_reported(migrated: str) -> None:
    differences = await migrations.check(migrated, "approval", metadata(Column("colour", Text)))

    assert len(differences) == 1
    assert "colour" in differences[0]


async def test_a_table_that_no_migration_made_is_reported(migrated: str) -> None:
    models = metadata()
    Table("window", models, Column("id", BigInteger, primary_key=True))

    differences = await migrations.check(migrated, "approval", models)

    assert [("add_table" in entry and "window" in entry) for entry in differences] == [True]


@pytest.mark.parametrize("table", ["audit", "reading"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = DEFAULT", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_service_can_not_change_append_only_tables(
    migrated: str, table: str, verb: str
) -> None:
    service = await connect(migrated, "approval")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute(verb.format(table))
    await service.close()


async def test_the_service_can_add_to_its_audit(migrated: str) -> None:
    service = await connect(migrated, "approval")
    await service.execute("INSERT INTO audit (what) VALUES ('seen')")
    assert await service.fetchval("SELECT count(*) FROM audit") == 1
    await service.close()


async def test_the_service_works_in_its_tables_but_owns_none(migrated: str) -> None:
    service = await connect(migrated, "approval")
    await service.execute("INSERT INTO step (name) VALUES ('accept')")
    await service.execute("UPDATE step SET name = 'accepted'")
    await service.execute("DELETE FROM step")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute("DROP TABLE step")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute("CREATE TABLE own (id int)")
    await service.close()


async def test_another_service_can_not_read_the_schema(migrated: str, chain: Path) -> None:
    migrations.CHAINS["trading"], kept = chain, migrations.CHAINS["trading"]
    try:
        await migrations.upgrade(migrated, "trading")
    finally:
        migrations.CHAINS["trading"] = kept
    trading = await connect(migrated, "trading")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await trading.fetch("SELECT * FROM approval.step")
    await trading.close()


async def test_every_service_reads_the_city_clock_by_its_short_name(migrated: str) -> None:
    service = await connect(migrated, "approval")
    assert await service.fetchval("SELECT city_now() <= clock_timestamp() + interval '1 second'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute("UPDATE city.clock SET ahead = ahead")
    await service.close()
