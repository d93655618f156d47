"""Every query of the intake: what came, the numbers it got, what was refused.

Must never commit: the edge does. One statement a table, however many events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

KEPT_REJECTED: Final = 1000
"""Refused events kept a source: the newest, for its developers to look at."""

_NOW: Final = text("SELECT city_now()")
_LOCK: Final = text(
    "INSERT INTO source (source, last_at) VALUES (:source, city_now()) "
    "ON CONFLICT (source) DO UPDATE SET last_at = excluded.last_at"
)
_KNOWN: Final = text(
    "SELECT id, hash, subject, sequence FROM received "
    "WHERE source = :source AND id = ANY(CAST(:ids AS text[]))"
)
# In subject order, so that two transactions never wait for each other.
_RAISE: Final = text(
    "INSERT INTO foreign_subject AS f (subject, version) "
    "SELECT * FROM unnest(CAST(:subjects AS text[]), CAST(:counts AS bigint[])) ORDER BY 1 "
    "ON CONFLICT (subject) DO UPDATE SET version = f.version + excluded.version "
    "RETURNING subject, version"
)
_KEEP: Final = text(
    "INSERT INTO received (source, id, subject, sequence, hash, raw, received_at) "
    "SELECT :source, w.*, :at FROM unnest(CAST(:ids AS text[]), CAST(:subjects AS text[]), "
    "CAST(:sequences AS bigint[]), CAST(:hashes AS bytea[]), CAST(:raws AS bytea[])) AS w"
)
_REJECT: Final = text(
    "INSERT INTO rejected (source, at, event_id, code, pointer, message, excerpt) "
    "SELECT :source, :at, w.* FROM unnest(CAST(:ids AS text[]), CAST(:codes AS text[]), "
    "CAST(:pointers AS text[]), CAST(:messages AS jsonb[]), CAST(:excerpts AS text[])) AS w"
)
_FORGET: Final = text(
    "DELETE FROM rejected WHERE source = :source AND id <= ("
    "SELECT id FROM rejected WHERE source = :source ORDER BY id DESC OFFSET :kept LIMIT 1)"
)
_COUNT: Final = text(
    "UPDATE source SET accepted = accepted + :accepted, duplicates = duplicates + :duplicates, "
    "conflicts = conflicts + :conflicts, rejected = rejected + :rejected WHERE source = :source"
)
_SUMMARIES: Final = text(
    "SELECT source, accepted, duplicates, conflicts, rejected, last_at FROM source ORDER BY source"
)
_PARKED: Final = text(
    "SELECT split_part(subject, '/', 1) AS system, count(*) AS events FROM parked "
    "WHERE dropped_at IS NULL AND topic = 'registry' GROUP BY 1"
)
_REJECTED: Final = text(
    "SELECT at, event_id, code, pointer, message, excerpt FROM rejected "
    "WHERE source = :source ORDER BY id DESC LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class Known:
    """An event that came before."""

    hash: bytes
    subject: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """A refused event: the first thing wrong with it and a masked excerpt."""

    event_id: str | None
    code: str
    pointer: str
    message: Mapping[str, str]
    excerpt: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of everything a source sent, since it first did."""

    source: str
    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    rejected: int = 0
    last_at: datetime | None = None


async def now(session: AsyncSession) -> datetime:
    """The city's time."""
    instant: datetime = (await session.execute(_NOW)).scalar_one()
    return instant


async def lock(session: AsyncSession, source: str) -> None:
    """Make a source's other deliveries wait until this transaction ends."""
    await session.execute(_LOCK, {"source": source})


async def known(session: AsyncSession, source: str, ids: Sequence[str]) -> dict[str, Known]:
    """Which of these ids a source has used before."""
    rows = await session.execute(_KNOWN, {"source": source, "ids": ids})
    return {row.id: Known(row.hash, row.subject, row.sequence) for row in rows}


async def raise_versions(session: AsyncSession, counts: Mapping[str, int]) -> dict[str, int]:
    """Lock subjects and raise each version by its count; the versions after that."""
    found = await session.execute(
        _RAISE, {"subjects": list(counts), "counts": list(counts.values())}
    )
    return {row.subject: row.version for row in found}


async def keep(
    session: AsyncSession, source: str, at: datetime, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Keep raw records: (id, subject, sequence, hash, raw)."""
    names = ("ids", "subjects", "sequences", "hashes", "raws")
    columns = zip(names, map(list, zip(*rows, strict=True)), strict=True)
    await session.execute(_KEEP, {"source": source, "at": at, **dict(columns)})


async def keep_rejected(
    session: AsyncSession, source: str, at: datetime, rows: Sequence[Rejected]
) -> None:
    """Keep what was refused, and forget what is older than the newest `KEPT_REJECTED`."""
    if not rows:
        return
    values = {
        "ids": [row.event_id for row in rows],
        "codes": [row.code for row in rows],
        "pointers": [row.pointer for row in rows],
        "messages": [orjson.dumps(row.message).decode() for row in rows],
        "excerpts": [row.excerpt for row in rows],
    }
    await session.execute(_REJECT, {"source": source, "at": at, **values})
    await session.execute(_FORGET, {"source": source, "kept": KEPT_REJECTED})


async def count(session: AsyncSession, source: str, counts: Mapping[str, int]) -> None:
    """Add to a source's counts (`accepted`, `duplicate`, `conflict`, `rejected`)."""
    added = {
        "accepted": counts.get("accepted", 0),
        "duplicates": counts.get("duplicate", 0),
        "conflicts": counts.get("conflict", 0),
        "rejected": counts.get("rejected", 0),
    }
    await session.execute(_COUNT, {"source": source, **added})


async def summaries(session: AsyncSession) -> dict[str, Summary]:
    """Every source that ever sent anything."""
    return {row.source: Summary(*row) for row in await session.execute(_SUMMARIES)}


async def parked(session: AsyncSession) -> dict[str, int]:
    """Events set aside, by the name of the system they are of."""
    return {row.system: row.events for row in await session.execute(_PARKED)}


async def rejected(session: AsyncSession, source: str, most: int) -> list[Rejected]:
    """The newest refused events of a source."""
    rows = await session.execute(_REJECTED, {"source": source, "most": most})
    return [
        Rejected(
            row.event_id,
            row.code,
            row.pointer,
            row.message if isinstance(row.message, dict) else orjson.loads(row.message),
            row.excerpt,
            row.at,
        )
        for row in rows
    ]
