"""`sunlight replay`: recorded events in, clocks and findings out."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
import yaml

from libs.common.bus.protocol import PARTITIONS
from libs.common.db.engine import Connection, connect
from libs.common.law.fold import Fold
from libs.common.law.installed import RULES
from services.e_monitor.settings import Settings
from sunlight.memory import collect_rarely
from sunlight.recording import Recording, RecordingMapping, load_mapping
from sunlight.replay import export
from sunlight.replay.kept import keep
from sunlight.replay.run import (
    Crew,
    Place,
    Progress,
    place,
    publish,
    settled,
    workers,
    workers_for,
)

_WATCHED_TOPICS: Final = 4
_PARKED_SQL: Final = "SELECT count(*) FROM parked WHERE dropped_at IS NULL"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    files: Sequence[Path]
    mapping: str
    out: Path
    calendar: str = "cn"
    until: datetime | None = None
    region: str | None = None
    bus: str | None = None
    database: str | None = None
    keep: Path | None = None
    as_stored: bool = False
    services: Sequence[str] = ("monitor", "disclosure")


@contextlib.contextmanager
def law_settings(mapping: RecordingMapping, calendar: str) -> Iterator[dict[str, str]]:
    """The worker's settings for the rules a mapping watches, with its parameters put in."""
    with tempfile.TemporaryDirectory(prefix="sunlight-pack-") as folder:
        pack = Path(folder) / f"{mapping.name}.yaml"
        pack.write_text(_pack(mapping), encoding="utf-8")
        yield {
            "MONITOR_PACKS": orjson.dumps([str(pack)]).decode(),
            "MONITOR_CALENDAR": calendar,
            "MONITOR_ZONE": mapping.zone,
        }


def _pack(mapping: RecordingMapping) -> str:
    """The mapping's rules out of the recorded, national and local packs, as one pack."""
    wanted = {use.id: use for use in mapping.rules}
    rules: list[dict[str, Any]] = []
    exclusions: dict[str, Any] = {}
    for path in sorted(RULES.glob("*/*.yaml")):
        if path.parent.name not in {"recorded", "national", "local"}:
            continue
        body = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        rules += [
            {**rule, **wanted[rule["id"]].parameters}
            for rule in body.get("rules", ())
            if rule["id"] in wanted
        ]
        exclusions.update(body.get("exclusions", {}))
    missing = sorted(set(wanted) - {rule["id"] for rule in rules})
    if missing:
        raise LookupError(f"the mapping {mapping.name} names unknown rules: {', '.join(missing)}")
    return str(yaml.safe_dump({"exclusions": exclusions, "rules": rules}, allow_unicode=True))


async def replay(options: Options, progress: Progress) -> tuple[dict[str, Any], Fold]:
    """Run a replay and write its files; the summary, and the law it was watched by.

    Raises:
        RecordingError, MappingError, PackError, WorkerDiedError and the database's errors.
    """
    collect_rarely()
    mapping = load_mapping(options.mapping)
    options.out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    with (
        law_settings(mapping, options.calendar) as law,
        tempfile.TemporaryDirectory(prefix="sunlight-replay-") as folder,
    ):
        fold = _fold(law)
        if options.keep:
            keep(options.keep, law)
        recording = Recording(
            options.files,
            mapping,
            region=options.region,
            as_stored=options.as_stored,
            workdir=Path(folder),
            progress=progress,
            now=datetime.now(UTC),
        )
        async with place(
            database=options.database, bus=options.bus, keep=options.keep, law=law
        ) as where:
            with workers(where.env, options.services, workers_for(options.files)) as crew:
                connection = await connect(where.dsn, "monitor", application="sunlight-replay")
                until = await _watched(
                    options, recording, where, connection, crew, progress=progress
                )
                progress("write", 0, None)
                watched = await export.write_clocks(
                    options.out / "clocks.csv", connection, fold, until
                )
                await export.write_findings(options.out, connection)
                parked = await connection.fetchval(_PARKED_SQL)
                await connection.close()
        export.write_rejects(options.out / "rejects.csv", recording.rejects)
        seconds = time.perf_counter() - started
        summary = _summary(recording, watched, int(parked), seconds)
        export.write_summary(options.out / "summary.json", summary)
        return summary, fold


async def _watched(
    options: Options,
    recording: Recording,
    where: Place,
    connection: Connection,
    crew: Crew,
    *,
    progress: Progress,
) -> datetime:
    """Send the recording and wait until it has been watched to its end; that instant."""
    producer = where.transport.producer()
    await producer.start()
    until = await publish(
        recording,
        producer,
        until=options.until,
        as_stored=options.as_stored,
        alive=crew.alive,
    )
    await producer.stop()
    places = _WATCHED_TOPICS * PARTITIONS
    await settled(connection, until, places=places, alive=crew.alive, progress=progress)
    crew.require_alive()
    return until


def _fold(law: Mapping[str, str]) -> Fold:
    return Settings(
        dsn="",
        zone=law["MONITOR_ZONE"],
        calendar=law["MONITOR_CALENDAR"],
        packs=tuple(Path(path) for path in orjson.loads(law["MONITOR_PACKS"])),
    ).law()


def _summary(
    recording: Recording, watched: export.Watched, parked: int, seconds: float
) -> dict[str, Any]:
    counts = recording.counts
    summary: dict[str, Any] = {
        "read": counts.read,
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "duplicates": counts.duplicates,
        "parked": parked,
        "subjects": recording.subjects,
        "seconds": round(seconds, 3),
        "events_per_second": round(counts.read / seconds, 1),
        "rules": {name: watched.rules[name].body() for name in sorted(watched.rules)},
    }
    if watched.undetermined:
        summary["undetermined"] = {
            f"{rule}: {fact}": count for (rule, fact), count in sorted(watched.undetermined.items())
        }
    if recording.marks:
        summary["implausible"] = dict(sorted(recording.marks.items()))
    return summary
