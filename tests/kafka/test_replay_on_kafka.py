"""The same recording over a real Kafka and over the embedded bus leaves the same files."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.db.embedded import EmbeddedPostgres
from tests.oracles.replays import Replayed, replayed
from tests.standing import findings_of
from tools.kafka import KafkaNode

pytestmark = [pytest.mark.shared, pytest.mark.kafka]


@pytest.fixture(scope="module")
def both(
    shared: Path,
    kafka: KafkaNode,
    postgres: EmbeddedPostgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Replayed, Replayed]:
    log = shared / "data/eventlogs/receipt.xes.gz"
    embedded = replayed(tmp_path_factory.mktemp("embedded"), "receipt", log)
    server = postgres.dsn(database="postgres")
    more = ("--bus", kafka.bootstrap, "--database", server)
    return embedded, replayed(tmp_path_factory.mktemp("kafka"), "receipt", log, more=more)


def test_clocks_are_byte_identical(both: tuple[Replayed, Replayed]) -> None:
    embedded, kafka = both
    assert (kafka.folder / "clocks.csv").read_bytes() == (
        embedded.folder / "clocks.csv"
    ).read_bytes()


def test_findings_are_identical_but_for_when_they_were_detected(
    both: tuple[Replayed, Replayed],
) -> None:
    embedded, kafka = both
    found = findings_of(kafka.folder / "findings.csv")
    assert found == findings_of(embedded.folder / "findings.csv")
    assert len(found) == 50 + 147 + 131
