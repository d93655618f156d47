"""What an organisation tells of its bodies and posts, in miniature."""

from datetime import UTC, datetime, timedelta
from typing import Any

from libs.common.events import Event, recorded_id

CITY = "11990100MB0000001X"
DISTRICT = "11990102MB0000002X"
# Two days: whatever the zone, the day is past, or has not come.
PAST = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
TO_COME = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


def told(kind: str, code: str, sequence: int, **data: Any) -> Event:
    """What the organisation says of a body or a post, the whole state of it."""
    subject = f"{kind}/{code}"
    verb = {("body", True): "established", ("post", True): "created"}.get((kind, sequence == 1))
    state = {kind: code, "name": f"name of {code}", "first_day": "2020-01-01", **data}
    return Event(
        id=recorded_id("/test", subject, str(sequence)),
        type=f"cn.sunlight.approval.{kind}.{verb or 'changed'}.v1",
        source="/990100/approval",
        subject=subject,
        time=datetime(2026, 3, 2, tzinfo=UTC),
        recordedtime=datetime(2026, 3, 2, tzinfo=UTC),
        sequence=sequence,
        data=state,
    )


def body(code: str, region: str, sequence: int = 1, **data: Any) -> Event:
    return told("body", code, sequence, region_code=region, level="city", **data)


def post(code: str, body: str, sequence: int = 1, **data: Any) -> Event:
    return told("post", code, sequence, body=body, region_code="990100000000", **data)


def ended(code: str, body: str) -> Event:
    """A post that is told of for the first time when it is no more."""
    return post(code, body, last_day=PAST)
