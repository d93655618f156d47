"""The command line with which a source's developers try the intake: it works as it stands.

It checks only (`dry_run`), so that a copied line never leaves a made-up event behind. The token
is not shown: the line reads it from the shell.
"""

from __future__ import annotations

import shlex
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from services.e_monitor.intake.reading import SINGLE
from services.e_monitor.intake.sources import Source

TOKEN: str = "SUNLIGHT_TOKEN"  # noqa: S105 - the variable's name


def curl_line(source: Source, base: str, now: datetime) -> str:
    """A `curl` command for `source`. `base`: the platform's address; `now`: the example's time."""
    event = {
        "specversion": "1.0",
        "id": f"{source.system}-example-1",
        "source": source.name,
        "type": "cn.sunlight.registry.licence.issued.v1",
        "subject": f"{source.system}/example-1",
        "time": now.astimezone(ZoneInfo("Asia/Shanghai")).isoformat(timespec="seconds"),
        "data": {"licence_no": "EXAMPLE-1"},
    }
    parts = ["curl", "-sS", f"-H 'Content-Type: {SINGLE}'"]
    if source.digests:
        parts.append(f'-H "Authorization: Bearer ${TOKEN}"')
    parts.append(f"-d {shlex.quote(orjson.dumps(event).decode())}")
    parts.append(shlex.quote(f"{base.rstrip('/')}/api/monitor/v1/events?dry_run=1"))
    return " ".join(parts)
