"""To which instant a subject's clocks can be judged: the horizons of the topics that stop them.

Reading only, and never the wall clock: where a topic is behind, so is what is said here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from libs.common.bus.batch import Horizons
from libs.common.bus.protocol import PARTITIONS, TopicPartition
from libs.common.events import owner
from libs.common.law.fold import Fold
from libs.common.law.rule import Deadline, Rule
from libs.common.law.rulebook import Rulebook


def stops_of(book: Rulebook, rule: Rule) -> frozenset[str]:
    """The owners of the events that can stop, void, pause or lengthen a rule's clock."""
    if not isinstance(rule, Deadline):
        return frozenset()
    types = [*rule.stop, *rule.void]
    if rule.extension:
        types.append(rule.extension.on)
    if rule.exclude:
        shape = book.exclusions[rule.exclude]
        types += [shape.pause, shape.resume]
    return frozenset(owner(kind) for kind in types)


def watched(fold: Fold) -> frozenset[str]:
    """The topics that any of our rules waits for; foreign systems' come on `registry`."""
    owners = frozenset().union(*(stops_of(fold.book, rule) for rule in fold.book.rules))
    return owners | {"registry"}


def known_to(
    fold: Fold, rule: Rule, horizons: Horizons, partition: int, topics: Collection[str]
) -> datetime | None:
    """To when everything that could still stop this rule's clock is known; None: nothing is.

    `topics` are those that the subject's events have come on; a foreign system's all come on
    `registry`, whatever their type.
    """
    waits = {"registry"} if "registry" in topics else stops_of(fold.book, rule)
    found = [horizons.get(TopicPartition(topic, partition)) for topic in waits]
    instants = [at for at in found if at is not None]
    return min(instants) if found and len(instants) == len(found) else None


def complete_to(fold: Fold, horizons: Horizons) -> tuple[datetime | None, Mapping[str, datetime]]:
    """To when all topics that our rules wait for are complete, and each topic by itself.

    A topic of which a partition has no horizon yet is left out, and nothing is complete.
    """
    by_topic: dict[str, datetime] = {}
    for topic in sorted({place.topic for place in horizons}):
        known = [horizons.get(TopicPartition(topic, number)) for number in range(PARTITIONS)]
        instants = [at for at in known if at is not None]
        if len(instants) == PARTITIONS:
            by_topic[topic] = min(instants)
    wanted = watched(fold)
    if not wanted <= set(by_topic):
        return None, by_topic
    return min(by_topic[topic] for topic in wanted), by_topic
