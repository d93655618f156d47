"""One real Kafka node for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests import needs
from tools.kafka import KafkaNode, kafka_node, missing


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    """A running node; a test that kills it starts it again."""
    if reason := missing():
        needs.require(reason)
    with kafka_node(tmp_path_factory.mktemp("kafka")) as node:
        yield node
