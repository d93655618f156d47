"""Who may hand events in: a source, its tokens, and the name space that is its own.

A source is `/<region>/<system>`; only hashes of its tokens are kept. Fail closed: without a
configured source nobody is admitted, and two sources never share a token or a system's name.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.common.events import TOPICS
from libs.common.identity.loopback import is_loopback
from libs.common.web.errors import Bilingual, Unauthenticated

SOURCE: Final = re.compile(r"/([0-9]{6}(?:[0-9]{3}){0,2})/([a-z][a-z0-9-]{1,30})")
OWN: Final = frozenset({*TOPICS, "bus", "case", "finding", "tender", "item", "office", "record"})
"""Name spaces of the platform's own subjects and services: no foreign system has such a name."""
DEMO_TITLE: Final = {"zh": "演示系统", "en": "Demonstration system"}

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Grant(BaseModel):
    """What the settings say of one source.

    `tokens_sha256`: hex SHA-256 of each token in use, two while one replaces the other. A token
    is long and random, so a plain hash is enough. `allowance_working_days`: how late its events
    may be recorded after they happened (a nightly batch: 1). `office`: whose system it is; only
    its posts, and those of the region, see what became of its events.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokens_sha256: Annotated[tuple[Digest, ...], Field(min_length=1)]
    title: dict[str, str] | None = None
    allowance_working_days: Annotated[int, Field(ge=0, le=60)] = 0
    office: Annotated[str, Field(min_length=1, max_length=100)] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A system that hands in events: its CloudEvents `source`, region and name space.

    One that names no `office` is no office's: posts of the region alone see what became of it.
    """

    name: str
    region: str
    system: str
    title: Bilingual
    allowance_working_days: int = 0
    digests: tuple[str, ...] = ()
    office: str | None = None

    @property
    def area(self) -> str:
        """The digits that every region within this source's region shares."""
        return re.sub(r"(00){1,2}$", "", self.region) if len(self.region) == 6 else self.region

    @classmethod
    def of(cls, name: str, grant: Grant | None = None) -> Source:
        """The source `name`; ValueError when the name has another form or is our own."""
        form = SOURCE.fullmatch(name)
        if form is None:
            raise ValueError(f"source {name!r} is not /<region code>/<system>")
        region, system = form.groups()
        if system in OWN:
            raise ValueError(f"source {name!r}: {system!r} names the platform's own subjects")
        if grant is None:
            return cls(name, region, system, {"zh": system, "en": system})
        title = {"zh": system, "en": system, **(grant.title or {})}
        late, digests = grant.allowance_working_days, grant.tokens_sha256
        return cls(name, region, system, title, late, digests, grant.office)


@dataclass(frozen=True, slots=True)
class Callers:
    """The admitted sources. `demo` needs no token, between loopback addresses only."""

    sources: tuple[Source, ...]
    demo: Source | None = None
    host: str = ""

    def identify(self, authorization: str, caller: str) -> Source:
        """The source that a request comes from.

        `authorization` is the header's value, `caller` the address the request came from.
        Raises Unauthenticated for anyone else.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer" and token:
            return self._by_token(token.strip())
        if not authorization and self.demo and is_loopback(self.host) and is_loopback(caller):
            return self.demo
        raise Unauthenticated

    def _by_token(self, token: str) -> Source:
        digest = hashlib.sha256(token.encode()).hexdigest()
        found = None
        for source in self.sources:
            for known in source.digests:
                if hmac.compare_digest(known, digest):
                    found = source
        if found is None:
            raise Unauthenticated
        return found

    @property
    def all(self) -> tuple[Source, ...]:
        """Every admitted source, by name."""
        demo = (self.demo,) if self.demo else ()
        return tuple(sorted((*self.sources, *demo), key=lambda source: source.name))

    def covered(self, covers: Callable[[str, str | None], bool]) -> tuple[Source, ...]:
        """The admitted sources whose region and office a scope `covers`, by name."""
        return tuple(one for one in self.all if covers(one.region, one.office))


class IntakeSettings(BaseSettings):
    """`MONITOR_SOURCES` (JSON: source → grant), and the demonstration's source."""

    model_config = SettingsConfigDict(env_prefix="MONITOR_", frozen=True)

    sources: dict[str, Grant] = Field(default_factory=dict)
    host: str = "127.0.0.1"
    demo: bool = False
    demo_source: str = "/990100/demo-system"
    demo_source_office: str | None = None

    @model_validator(mode="after")
    def _apart(self) -> Self:
        callers = self.callers()
        systems = [source.system for source in callers.all]
        digests = [digest for source in callers.sources for digest in source.digests]
        for kind, names in (("system", systems), ("token", digests)):
            if len(set(names)) != len(names):
                raise ValueError(f"MONITOR_SOURCES: two sources have the same {kind}")
        return self

    @property
    def allowances(self) -> dict[str, int]:
        """System → working days that its events may be recorded late, where that is not 0."""
        found = {one.system: one.allowance_working_days for one in self.callers().all}
        return {system: days for system, days in found.items() if days}

    def callers(self) -> Callers:
        """Who may hand events in."""
        admitted = tuple(Source.of(name, grant) for name, grant in self.sources.items())
        return Callers(admitted, self._demonstrated() if self.demo else None, self.host)

    def _demonstrated(self) -> Source:
        known = Source.of(self.demo_source)
        return replace(known, title=DEMO_TITLE, office=self.demo_source_office)
