"""A city as a demonstration, so that days can pass."""

from collections.abc import Iterator

import pytest

from libs.common.db.embedded import EmbeddedPostgres
from tests.faults.scene import MORNING, city


@pytest.fixture
def demonstration(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A city on the morning of 2 March 2026."""
    with city(postgres, MORNING) as dsn:
        yield dsn
