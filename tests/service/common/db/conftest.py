"""Folders, a small migration chain and owner connections for the database tests."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from libs.common.db import migrations
from libs.common.db.engine import Connection

ENV = "from libs.common.db.migrations import run_environment\n\nrun_environment()\n"

REVISION = '''
from alembic import op
from libs.common.db.migrations import script

revision = "0001"
down_revision = None

def upgrade():
    op.execute("CREATE TABLE step (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)")
    script("""
        CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text);
        CREATE TABLE reading (id bigint PRIMARY KEY, at text DEFAULT ':noon');
        COMMENT ON TABLE reading IS 'append-only';
    """)
'''


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of this test alone, which the server's account may enter."""
    path = Path(tempfile.mkdtemp(prefix="sunlight-db-"))
    if os.geteuid() == 0:
        path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A chain of one revision in the place of the approval service's."""
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(ENV, "utf-8")
    (tmp_path / "versions/0001.py").write_text(REVISION, "utf-8")
    monkeypatch.setitem(migrations.CHAINS, "approval", tmp_path)
    return tmp_path


@pytest.fixture
async def owner(empty_database: str) -> AsyncIterator[Connection]:
    """The owner's connection to an empty database."""
    connection = await asyncpg.connect(empty_database)
    yield connection
    await connection.close()
