"""What the bus is told of the organisation: whole states, of bodies, windows and posts.

Must never name a person: of a tenure it tells the post, the role and the days.
"""

from collections.abc import Iterator
from typing import Any

from libs.common.events import Payload
from libs.common.events.contracts import organisation as events
from services.approval.office.states import BodyState, State, TenureState, WindowState


def state(row: State, region: str, *, first: bool) -> Payload:
    """The event of a row that is new (`first`) or changed; `region` its body's."""
    common: dict[str, Any] = {
        "name": row.name,
        "region_code": region,
        "first_day": row.first_day.isoformat(),
        "last_day": None if row.last_day is None else row.last_day.isoformat(),
    }
    match row:
        case BodyState():
            kind = events.BodyEstablished if first else events.BodyChanged
            return kind(
                **common,
                body=row.code,
                level=row.level,
                superior=row.superior,
                office_hours=tuple(
                    events.Hours(weekday=one.weekday, opens=one.opens, closes=one.closes)
                    for one in row.openings
                ),
            )
        case WindowState():
            opened = events.WindowOpened if first else events.WindowChanged
            return opened(**common, window=row.code, hall=row.hall, body=row.body)
    created = events.PostCreated if first else events.PostChanged
    return created(
        **common,
        post=row.code,
        body=row.body,
        duties=tuple(row.duties),
        window=row.window,
        superior=row.superior,
    )


def tenure(new: TenureState, old: TenureState | None, body: str) -> Iterator[Payload]:
    """The events of a tenure that began, or whose person or last day changed.

    Nothing when only the name or the certificate was corrected: that is nobody else's business.
    """
    first_day = new.first_day.isoformat()
    last_day = None if new.last_day is None else new.last_day.isoformat()
    if old is None or old.staff_no != new.staff_no or (old.last_day and new.last_day is None):
        yield events.PostFilled(
            post=new.post, body=body, role=new.role, first_day=first_day, last_day=last_day
        )
    elif last_day is not None and old.last_day != new.last_day:
        yield events.PostVacated(
            post=new.post, body=body, role=new.role, first_day=first_day, last_day=last_day
        )
