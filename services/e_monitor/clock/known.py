"""To which instant a subject's clocks can be judged: the horizons of the topics that stop them.

Reading only, and never the wall clock: where a topic is behind, so is what is said here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from libs.common.bus.batch import Horizons
from libs.common.bus.protocol import PARTITIONS, TopicPartition
from libs.common.events import owner
from libs.common.law.fold import Fold
from libs.common.law.rule import Deadline, Rule
from libs.common.law.rulebook import Rulebook

FOREIGN: Final = "registry"
"""The topic of foreign systems' events, whatever their type; such a subject waits for it alone."""


@dataclass(frozen=True)
class Stops:
    """Which topics the clocks of a rulebook wait for."""

    book: Rulebook

    @cached_property
    def of(self) -> Mapping[str, frozenset[str]]:
        """Rule key → owners of the events that can stop, void, pause or lengthen its clock."""
        return {
            rule.key: _stops(self.book, rule)
            for rule in self.book.rules
            if isinstance(rule, Deadline)
        }

    @cached_property
    def by_start(self) -> Mapping[str, frozenset[frozenset[str]]]:
        """Topic → what the clocks that its events start wait for, each once."""
        found = defaultdict(set)
        for rule in self.book.rules:
            if isinstance(rule, Deadline):
                for kind in rule.start:
                    found[owner(kind)].add(self.of[rule.key])
        return {
            **{topic: frozenset(waits) for topic, waits in found.items()},
            FOREIGN: frozenset({frozenset({FOREIGN})}),
        }

    @property
    def topics(self) -> frozenset[str]:
        """The topics that any of our rules waits for."""
        return frozenset({FOREIGN}).union(*self.of.values())


def _stops(book: Rulebook, rule: Deadline) -> frozenset[str]:
    types = [*rule.stop, *rule.void]
    if rule.extension:
        types.append(rule.extension.on)
    if rule.exclude:
        shape = book.exclusions[rule.exclude]
        types += [shape.pause, shape.resume]
    return frozenset(owner(kind) for kind in types)


@dataclass
class Known:
    """What is known at some horizons. An instant of None says that nothing is."""

    stops: Stops
    horizons: Horizons
    _found: dict[tuple[str, int, bool], datetime | None] = field(default_factory=dict)

    def to(self, rule: Rule, partition: int, topics: Collection[str]) -> datetime | None:
        """To when everything that could still stop a rule's clock is known.

        `topics` are those that the subject's events have come on.
        """
        foreign = FOREIGN in topics
        key = (rule.key, partition, foreign)
        if key not in self._found:
            waits = {FOREIGN} if foreign else self.stops.of.get(rule.key, ())
            self._found[key] = self._least(waits, partition)
        return self._found[key]

    def furthest(
        self, topics: Sequence[str], partitions: Sequence[int]
    ) -> list[list[datetime | None]]:
        """For each topic, how far in each partition the clocks that its events start can be
        judged, at the most."""
        return [[self._furthest(topic, number) for number in partitions] for topic in topics]

    def _furthest(self, topic: str, partition: int) -> datetime | None:
        waits = self.stops.by_start.get(topic, ())
        found = [self._least(topics, partition) for topics in waits]
        return max((at for at in found if at is not None), default=None)

    def _least(self, topics: Iterable[str], partition: int) -> datetime | None:
        found = [self.horizons.get(TopicPartition(topic, partition)) for topic in topics]
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
    wanted = Stops(fold.book).topics
    if not wanted <= set(by_topic):
        return None, by_topic
    return min(by_topic[topic] for topic in wanted), by_topic
