"""A migrated schema `identity`, and a platform that asks for a sign-in."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from libs.common.db import migrations
from libs.common.db.embedded import EmbeddedPostgres
from tests.databases import fresh_database, run_apart
from tests.service.identity.site import CLERK, Site, running

# A Keycloak of one's own takes minutes to start: it is asked for, never part of a run.
collect_ignore = [] if os.environ.get("SUNLIGHT_KEYCLOAK") else ["test_keycloak.py"]
EMPTY_SQL = """
TRUNCATE identity.session, identity.spent_state, identity.account, identity.account_post,
  identity.client, identity.authorization_code, identity.attempt, identity.account_audit,
  identity.body, identity.post, identity.subject
"""


@pytest.fixture(scope="session")
def migrated_identity(postgres: EmbeddedPostgres) -> Iterator[str]:
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
