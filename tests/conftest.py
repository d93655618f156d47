"""Fixtures that every suite may use: a real PostgreSQL, databases in it, the shared recordings."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from libs.common.db import embedded, migrations
from libs.common.db.embedded import EmbeddedPostgres
from tests import needs
from tests.databases import fresh_database, run_apart
from tools.kafka import KafkaNode, kafka_node, missing


@pytest.fixture(scope="session", autouse=True)
def loggers_not_kept() -> Iterator[None]:
    """A logger first used while a test keeps logs quiet must not stay quiet for later tests."""
    configure = structlog.configure

    def without_cache(**settings: Any) -> None:
        configure(**{**settings, "cache_logger_on_first_use": False})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", without_cache)
        yield


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """What a test sets up of logging ends with it: its streams are closed by then.

    Each begins with the defaults, whatever a fixture of a whole module has made of them.
    """
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    structlog.reset_defaults()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The embedded server of this test session."""
    with embedded.temporary(settings={"max_connections": "200"}) as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a database with every migration chain that exists, on real time."""
    run_apart(migrations.upgrade_all(postgres.dsn()))
    return embedded.DATABASE


@pytest.fixture
def database(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The owner's DSN of a fresh, fully migrated database."""
    with fresh_database(postgres, template) as dsn:
        yield dsn


@pytest.fixture
def empty_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The owner's DSN of a fresh database without any schema of ours."""
    with fresh_database(postgres) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared recordings."""
    return needs.shared_folder()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    """A running Kafka node; a test that kills it starts it again."""
    if reason := missing():
        needs.require(reason)
    with kafka_node(tmp_path_factory.mktemp("kafka")) as node:
        yield node
