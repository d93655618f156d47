"""The organisation of the made-up city as an import takes it: bodies, windows, posts, tenures.

Pure. Must never give anyone a name that a person could have: people are numbered.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Final

from sunlight.city.cases import windows_of
from sunlight.city.items import ITEMS
from sunlight.city.offices import BODIES, CITY, DEMO_APPROVAL, GOVERNMENTS, OFFICES, Office

Record = dict[str, Any]
FIRST_DAY: Final = "2024-01-01"
HOURS: Final = "1-5 09:00-12:00 13:00-17:00"
ROLES: Final = {"clerk": "窗口岗(演示)", "approver": "审批岗(演示)", "head": "负责人(演示)"}
"""The posts that a visitor of the demonstration takes at its approval office."""
_APPROVING: Final = frozenset(item.office.key for item in ITEMS)


def approver_of(office: Office) -> str:
    """The post that handles an office's cases."""
    return f"{office.key}-approver"


def records() -> list[Record]:
    """Everything, superiors before those who name them."""
    people = itertools.count(1)
    staffed = [*OFFICES.values(), *GOVERNMENTS.values()]
    tenures = [record for office in staffed for record in _tenures(office, people)]
    posts = [record for office in staffed for record in _posts(office)]
    return [*map(_body, BODIES), *_windows(), *_leaders_first(posts), *_demo_posts(), *tenures]


def _leaders_first(posts: list[Record]) -> list[Record]:
    return sorted(posts, key=lambda post: not post["code"].startswith("gov-"))


def _government(office: Office) -> Office:
    return GOVERNMENTS[office.region]


def _superior(office: Office) -> Office | None:
    """The government of its region; of a county's the city's, of a township's the county's."""
    if office is not _government(office):
        return _government(office)
    if office.region == CITY:
        return None
    return GOVERNMENTS[office.region[:6] if len(office.region) > 6 else CITY]


def _body(office: Office) -> Record:
    found = {"kind": "body", "code": office.code, "name": office.name, "region": office.region}
    superior = _superior(office)
    more = {"superior": superior.code} if superior else {}
    return {**found, **more, "office_hours": HOURS, "first_day": FIRST_DAY}


def _windows() -> Iterator[Record]:
    for key in sorted(_APPROVING):
        office = OFFICES[key]
        for number, code in enumerate(windows_of(office), start=1):
            yield {
                "kind": "window",
                "code": code,
                "name": f"{office.name} {number} 号窗口",
                "hall": f"hall-{office.region}",
                "body": office.code,
                "first_day": FIRST_DAY,
            }


def _posts(office: Office) -> Iterator[Record]:
    """The head, led by the head of the government above; with an approver led by the head."""
    superior = _superior(office)
    yield _post(office, "head", "主要负责人", f"{superior.key}-head" if superior else None)
    if office.key in _APPROVING:
        approver = _post(office, "approver", "窗口与审批岗", f"{office.key}-head")
        window = windows_of(office)[0]
        yield {**approver, "duties": ["window", "approver"], "window": window}


def _post(office: Office, kind: str, name: str, superior: str | None) -> Record:
    found = {"kind": "post", "code": f"{office.key}-{kind}", "name": name, "body": office.code}
    more = {"superior": superior} if superior else {}
    return {**found, **more, "first_day": FIRST_DAY}


def _demo_posts() -> Iterator[Record]:
    for role, name in ROLES.items():
        yield {
            "kind": "post",
            "code": f"demo-{role}",
            "name": name,
            "body": DEMO_APPROVAL,
            "superior": "permit-head",
            "first_day": FIRST_DAY,
        }


def _tenures(office: Office, people: Iterator[int]) -> Iterator[Record]:
    """A head; where cases are handled an approver too, with an AB substitute."""
    yield _tenure(f"{office.key}-head", "holder", next(people))
    if office.key in _APPROVING:
        for role in ("holder", "substitute"):
            number = next(people)
            certificate = {
                "certificate_no": f"虚构执法证-{number:04d}",
                "certificate_until": "2029-12-31",
            }
            yield {**_tenure(f"{office.key}-approver", role, number), **certificate}


def _tenure(post: str, role: str, number: int) -> Record:
    return {
        "kind": "tenure",
        "post": post,
        "role": role,
        "staff_no": f"YG{number:04d}",
        "name": f"虚构人员{number:03d}号",
        "first_day": FIRST_DAY,
    }
