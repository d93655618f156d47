"""What the suites of services share: the shipped law, and migrated databases to copy."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.law.fold import Fold
from libs.common.law.installed import installed_law
from tests.service.city import migrated_city


@pytest.fixture(scope="session")
def law() -> Fold:
    """The shipped law."""
    return installed_law("Asia/Shanghai")


@pytest.fixture(scope="session")
def migrated(postgres: EmbeddedPostgres) -> Iterator[Callable[[str], str]]:
    """Service → the name of a migrated database to copy, made once."""
    with ExitStack() as cities:
        yield cache(lambda service: cities.enter_context(migrated_city(postgres, service)))
