"""One request to the intake, followed to its finding; prints what the spans say, as JSON.

Runs in a process of its own, since a process has one tracer provider for good.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import asyncpg
import httpx
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from libs.common.bus.transport import Transport
from sunlight.worker import build, running
from tests.service.e_monitor.intake.system import HOUSING, System, application, callers

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_FOUND_SQL = "SELECT traceparent FROM monitor.finding WHERE rule = 'APV-010'"


def _case(sequence: int, kind: str, time: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"trace-{sequence}",
        "source": HOUSING,
        "type": f"cn.sunlight.approval.case.{kind}.v1",
        "subject": "housing/T-1",
        "time": time,
        "data": data,
    }


async def scenario(dsn: str) -> dict[str, Any]:
    """A licence accepted on 2024-03-04 and decided on 2024-04-30: 39 working days, 20 allowed."""
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    facts = {"item_type": "行政许可", "joint": False, "limit_set_by_law": False}
    events = [
        _case(1, "received", "2024-03-01T09:00:00+08:00", case_no="T-1", **facts),
        _case(2, "accepted", "2024-03-04T09:00:00+08:00"),
        _case(3, "decided", "2024-04-30T09:00:00+08:00", outcome="granted"),
    ]
    app = application(dsn, callers())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as client:
            client.headers["traceparent"] = CALLER
            answers = await System(client).send_batch(events)
    await Transport.chosen(os.environ).prepare()
    worker = await build(["monitor"], os.environ)
    connection = await asyncpg.connect(dsn)
    async with running(worker):
        for _ in range(300):
            found = await connection.fetchval(_FOUND_SQL)
            if found:
                break
            await asyncio.sleep(0.1)
    await connection.close()
    provider.force_flush()
    return {
        "answers": [answer["status"] for answer in answers],
        "finding": found,
        "spans": [
            {
                "name": span.name,
                "trace": f"{span.context.trace_id:032x}" if span.context else "",
                "parent": f"{span.parent.span_id:016x}" if span.parent else None,
                "links": sorted({f"{link.context.trace_id:032x}" for link in span.links}),
            }
            for span in spans.get_finished_spans()
        ],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(scenario(os.environ["DATABASE_URL"]))))
