"""A service that writes: events into the approval outbox at a steady rate, in transactions.

A process of its own: `python -m benchmarks.writer --rate 1000 --seconds 20`. Each transaction
holds five events of one case; every tenth case is received 40 days ago and decided now, so its
decision makes a breach at once, and its subject is noted in `bench_sent` in the same transaction.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
import uuid
from datetime import datetime, timedelta
from typing import Final

import uvloop

from libs.common.db.bulk import copy_records
from libs.common.db.engine import Connection, connect, service_dsn
from libs.common.events import Event, encode

A_TRANSACTION: Final = 5
A_BREACH: Final = 10
TABLE_SQL: Final = """
CREATE TABLE approval.bench_sent (subject text PRIMARY KEY);
GRANT INSERT ON approval.bench_sent TO sunlight_approval;
"""
_NOW_SQL: Final = "SELECT pg_current_xact_id(), city_now()"
_SENT_SQL: Final = "INSERT INTO bench_sent (subject) VALUES ($1)"
_LIFE: Final = ("received", "receipt-issued", "step-recorded", "step-recorded", "decided")


def life(subject: str, now: datetime, *, late: bool) -> list[Event]:
    """Five events of a case that is decided now: received 40 days ago (`late`), or just now."""
    begin = now - timedelta(days=40) if late else now
    return [
        Event(
            id=str(uuid.uuid4()),
            type=f"cn.sunlight.approval.case.{verb}.v1",
            source="/990100/approval",
            subject=subject,
            time=now if verb == "decided" else begin + timedelta(minutes=place),
            recordedtime=now,
            sequence=place,
            data={"case_no": subject[5:], "item_type": "行政许可"} if verb == "received" else {},
            region="990100",
            department="D01",
        )
        for place, verb in enumerate(_LIFE, start=1)
    ]


async def write(connection: Connection, number: int) -> None:
    """One transaction."""
    subject, late = f"case/{number:08d}", number % A_BREACH == 0
    async with connection.transaction():
        (row,) = await connection.fetch(_NOW_SQL)
        rows = [("approval", subject, encode(event)) for event in life(subject, row[1], late=late)]
        await copy_records(connection, "outbox", ("topic", "subject", "value"), rows)
        if late:
            await connection.execute(_SENT_SQL, subject)


async def main(rate: float, seconds: float) -> None:
    """Write on time; whoever is late catches up."""
    connection = await connect(service_dsn("approval", os.environ), "approval")
    began, pause = time.monotonic(), A_TRANSACTION / rate
    for number in range(round(seconds / pause)):
        await asyncio.sleep(max(0, began + number * pause - time.monotonic()))
        await write(connection, number)
    took = time.monotonic() - began
    await connection.close()
    print(f"{seconds * rate / took:.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="benchmarks.writer")
    parser.add_argument("--rate", type=float, required=True, help="events a second")
    parser.add_argument("--seconds", type=float, required=True)
    asked = parser.parse_args()
    uvloop.run(main(asked.rate, asked.seconds))
