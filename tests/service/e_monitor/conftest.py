"""What the monitor's suites share: the law with its detectors, and a city's autumn to read."""

from collections.abc import Iterator

import pytest

from libs.common.db import embedded, migrations
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.law.fold import Fold
from services.e_monitor.settings import Settings
from tests.databases import fresh_database, run_apart
from tests.service.e_monitor.scene import play


@pytest.fixture(scope="session")
def law() -> Fold:
    """The shipped law as the monitor applies it."""
    return Settings(dsn="unused").law()


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a database with every migration chain, on real time."""
    run_apart(migrations.upgrade_all(postgres.dsn()))
    return embedded.DATABASE


@pytest.fixture(scope="session")
def autumn(postgres: EmbeddedPostgres, template: str, law: Fold) -> Iterator[str]:
    """The database after the autumn; tests only read it."""
    with fresh_database(postgres, template) as dsn:
        run_apart(play(dsn, law))
        yield dsn
