"""Making findings stand or be rescinded, and telling others so through the outbox."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from libs.common.bus.outbox import Draft, emit_bulk
from libs.common.db.city_clock import city_now
from libs.common.db.engine import Connection
from libs.common.events.contracts.monitor import FindingDetected, FindingRescinded
from services.e_monitor.finding import repository
from services.e_monitor.finding.repository import Found

SOURCE = "/monitor"


async def settle(
    connection: Connection, found: Sequence[Found], gone: Sequence[tuple[uuid.UUID, str]]
) -> None:
    """Write what stands and what no longer does, with an event for each, in one transaction."""
    if not found and not gone:
        return
    now = await city_now(connection)
    versions = await repository.upsert(connection, found, now)
    drafts = [_detected(item, versions[item.standing.id]) for item in found]
    for row in await repository.rescind(connection, gone, now):
        payload = FindingRescinded(
            finding_id=str(row["id"]),
            rule=row["rule"],
            about=row["subject"],
            reason=row["reason"],
        )
        drafts.append(
            Draft(
                payload,
                subject=f"finding/{row['id']}",
                sequence=row["version"],
                source=SOURCE,
                region=row["region"],
                department=row["department"],
            )
        )
    await emit_bulk(connection, drafts)


def _detected(item: Found, version: int) -> Draft:
    standing = item.standing
    evidence = standing.evidence
    payload = FindingDetected(
        finding_id=str(standing.id),
        rule=standing.rule,
        rule_version=standing.rule_version,
        about=standing.subject,
        occurrence=standing.occurrence,
        stage=standing.stage,
        severity=standing.severity,
        occurred_at=standing.occurred_at,
        over=evidence.get("over"),
        unit=evidence.get("unit"),
        paused="pauses" in evidence,
        public=standing.public,
    )
    return Draft(
        payload,
        subject=f"finding/{standing.id}",
        sequence=version,
        source=SOURCE,
        region=item.region,
        department=item.department,
        traceparent=item.traceparent,
    )
