"""The worker reads the topics that carry what becomes public."""

from services.disclosure.settings import Settings
from services.disclosure.worker import handler


def test_the_worker_reads_the_others_topics_and_never_its_own() -> None:
    found = handler(Settings(dsn="postgresql://nowhere"))
    assert set(found.topics) == {"trading", "approval", "monitor"}
