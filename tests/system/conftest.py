"""What several of these tests share: one case that has gone the whole way."""

from collections.abc import Iterator

import pytest

from libs.common.db.embedded import EmbeddedPostgres
from tests.system.documented import PAGES
from tests.system.quiet_city import quiet_city
from tests.system.recorder import Recorder
from tests.system.thread import Thread


@pytest.fixture(scope="session")
def thread(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Thread]:
    """The thread, lived through; its city goes on until the session ends."""
    with quiet_city(postgres, tmp_path_factory.mktemp("thread") / "data") as city:
        yield Thread(city, Recorder(city, PAGES)).lived()
