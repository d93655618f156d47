"""Which transport an installation runs on: Kafka where it is named, else the embedded log.

`KAFKA_BOOTSTRAP_SERVERS` names the brokers, `kafka_security` how they are spoken to;
`KAFKA_TOPIC_PREFIX` keeps several runs apart.
`SUNLIGHT_BUS_SHARE` (`1/2`) is a process's share of the embedded log's partitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from libs.common.bus import kafka
from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from libs.common.bus.kafka import KafkaProducer, KafkaSource
from libs.common.bus.kafka_security import PLAIN, Security
from libs.common.bus.protocol import ALL, Producer, Share, Source
from libs.common.db.engine import BUS, service_dsn
from libs.common.events.registry import TOPICS


@dataclass(frozen=True, slots=True)
class Transport:
    """A way to producers and sources. `bootstrap` None means the embedded log in `dsn`."""

    dsn: str | None
    bootstrap: str | None
    prefix: str = ""
    share: Share = ALL
    security: Security = PLAIN

    @classmethod
    def chosen(cls, env: Mapping[str, str]) -> Transport:
        """The transport that the environment names."""
        bootstrap = env.get("KAFKA_BOOTSTRAP_SERVERS") or None
        dsn = None if bootstrap else service_dsn(BUS, env)
        share = Share.read(env.get("SUNLIGHT_BUS_SHARE") or str(ALL))
        security = Security.read(env) if bootstrap else PLAIN
        return cls(dsn, bootstrap, env.get("KAFKA_TOPIC_PREFIX", ""), share, security)

    async def prepare(self) -> None:
        """Create the topics where they are missing, replicated as the brokers' default says."""
        if self.bootstrap:
            topics = [self.prefix + topic for topic in TOPICS]
            await kafka.create_topics(self.bootstrap, topics, security=self.security)

    async def remove(self) -> None:
        """Remove the topics of a run of its own; those of an installation are never removed."""
        if self.bootstrap and self.prefix:
            topics = [self.prefix + topic for topic in TOPICS]
            await kafka.delete_topics(self.bootstrap, topics, security=self.security)

    def producer(self) -> Producer:
        """A producer, not yet started."""
        if self.bootstrap:
            return KafkaProducer(self.bootstrap, prefix=self.prefix, security=self.security)
        return EmbeddedProducer(self.dsn or "")

    def source(self, consumer: str) -> Source:
        """A source for one consumer (a service), not yet started."""
        if self.bootstrap:
            return KafkaSource(self.bootstrap, consumer, prefix=self.prefix, security=self.security)
        return EmbeddedSource(self.dsn or "", consumer, self.share)
