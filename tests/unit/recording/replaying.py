"""Making recordings for the tests and reading them back as parsed events."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sunlight.recording import Recording, RecordingMapping, load_mapping

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def silent(_stage: str, _done: int, _total: int | None) -> None:
    """A progress nobody looks at."""


def recording(
    mapping: str | RecordingMapping, *files: Path, as_stored: bool = False, region: str = ""
) -> Recording:
    """A recording over `files`, its temporary files beside the first."""
    found = load_mapping(mapping) if isinstance(mapping, str) else mapping
    workdir = files[0].parent / "work"
    workdir.mkdir(exist_ok=True)
    return Recording(
        files,
        found,
        region=region or None,
        as_stored=as_stored,
        workdir=workdir,
        progress=silent,
        now=NOW,
    )


def events(made: Recording) -> list[dict[str, Any]]:
    """Everything it emits, parsed, with the topic."""
    return [{**json.loads(event.value), "topic": event.topic} for event in made.events()]


def short(event: dict[str, Any]) -> str:
    """The noun and verb of an event's type."""
    return str(event["type"]).split(".", 3)[3].removesuffix(".v1")


def xes_event(activity: str, time: str, extra: str = "") -> str:
    """One event of an event log."""
    return (
        f'<event><string key="concept:name" value="{activity}"/>'
        f'<date key="time:timestamp" value="{time}"/>{extra}</event>'
    )


def xes_trace(name: str, *inner: str) -> str:
    """One trace."""
    return f'<trace><string key="concept:name" value="{name}"/>{"".join(inner)}</trace>'


def xes_log(*traces: str, head: str = "") -> str:
    """A whole event log."""
    return f'<?xml version="1.0" encoding="UTF-8"?><log>{head}{"".join(traces)}</log>'


def write(path: Path, content: str | bytes) -> Path:
    """Write a file, packed if its name says so."""
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_lines(path: Path, *rows: object) -> Path:
    """Write JSON lines."""
    return write(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def assert_sums(made: Recording) -> None:
    """Every record read is accepted, rejected or a duplicate, and every reject is listed."""
    counts = made.counts
    assert counts.read == counts.accepted + counts.rejected + counts.duplicates
    assert counts.rejected == len(made.rejects)


def codes(made: Recording) -> list[str]:
    """The codes of the rejects."""
    return [reject.code for reject in made.rejects]
