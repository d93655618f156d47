"""A migrated schema `identity`, and a platform that asks for a sign-in."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from libs.common.db import engine, migrations
from libs.common.db.embedded import EmbeddedPostgres
from tests.databases import fresh_database, run_apart
from tests.service.identity.site import CLERK, Site, running

EMPTY_SQL = """
TRUNCATE identity.session, identity.spent_state, identity.account, identity.account_post,
  identity.client, identity.authorization_code, identity.attempt, identity.account_audit
"""
CHAIN = migrations.ROOT / "libs/common/identity/migrations"


@pytest.fixture(scope="session", autouse=True)
def identity_chain() -> Iterator[None]:
    """The chain of the schema `identity`, also while the engine does not list it yet."""
    patch = pytest.MonkeyPatch()
    if "identity" not in engine.SCHEMAS:
        patch.setattr(engine, "SCHEMAS", (*engine.SCHEMAS, "identity"))
        patch.setitem(migrations.CHAINS, "identity", CHAIN)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def migrated_identity(postgres: EmbeddedPostgres, identity_chain: None) -> Iterator[str]:
    """The DSN of a database with the schema `identity`, for the whole session."""
    with fresh_database(postgres) as dsn:
        run_apart(migrations.upgrade(dsn, "identity"))
        yield dsn


@pytest.fixture
async def identity_database(migrated_identity: str) -> str:
    """The same, empty."""
    owner = await asyncpg.connect(migrated_identity)
    try:
        await owner.execute(EMPTY_SQL)
    finally:
        await owner.close()
    return migrated_identity


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of keys: making one takes a third of a second."""
    return tmp_path_factory.mktemp("installation") / "identity"


@pytest.fixture
async def site(identity_database: str, secrets: Path) -> AsyncIterator[Site]:
    """A platform with the account `li` of a window clerk."""
    async with running(identity_database, secrets) as site:
        await site.add("li", CLERK)
        yield site
