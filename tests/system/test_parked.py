"""`sunlight parked` as a person uses it on a subject of which an event was lost for good."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from libs.common.db import migrations
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.events import Event, recorded_id
from sunlight.worker import HANDLERS
from tests.databases import fresh_database, run_apart
from tests.service.common.bus.city import fetch, outgoing
from tests.service.common.bus.scripted import deliver
from tests.system.installation import sunlight

SUBJECT = "case/lost"
AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


def numbered(number: int) -> Event:
    when = AT + timedelta(minutes=number)
    return Event(
        id=recorded_id("/test", SUBJECT, str(number)),
        type="cn.sunlight.approval.case.receipt-issued.v1",
        source="/990100/approval",
        subject=SUBJECT,
        time=when,
        recordedtime=when,
        sequence=number,
        data={},
    )


@pytest.fixture
def dsn(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A monitor that has seen the events 1 and 4."""
    with fresh_database(postgres) as made:
        monkeypatch.setenv("DATABASE_URL", made)
        run_apart(migrations.upgrade_all(made, ("monitor",)))
        events = outgoing([numbered(1), numbered(4)])
        run_apart(deliver(made, HANDLERS["monitor"](), [events]))
        yield made


def skip(dsn: str, first: int, last: int) -> tuple[int, str]:
    """Accept that two numbers never come; status, and what was told."""
    done = sunlight(
        *("parked", "skip", SUBJECT, "--topic", "approval"),
        *("--from", str(first), "--to", str(last)),
        *("--reason", "the disk was lost", "--by", "post-7"),
        env={"DATABASE_URL": dsn},
    )
    return done.returncode, done.stdout + done.stderr


def seen(dsn: str) -> list[int]:
    """The numbers that the monitor has observed."""
    rows = run_apart(fetch(dsn, "SELECT sequence FROM monitor.observation ORDER BY 1"))
    return [row[0] for row in rows]


def test_an_accepted_gap_lets_the_events_behind_it_through(dsn: str) -> None:
    status, told = skip(dsn, 2, 3)
    assert (status, told.strip()) == (0, "applied 1, duplicates 0, parked 0")
    assert seen(dsn) == [1, 4]


def test_other_numbers_are_refused_and_the_missing_ones_named(dsn: str) -> None:
    status, told = skip(dsn, 2, 4)
    assert status == 3
    assert "approval 2-3" in told
    assert seen(dsn) == [1]
