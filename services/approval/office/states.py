"""The organisation as an import compares it: rows without a database, new and standing alike.

Plain, because an import makes tens of thousands of them within one transaction's time. Must never
say more than the tables of `model` do.
"""

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeAlias

from services.approval.office.policy import Opening, Tenure, Term
from services.approval.office.schemas import BodyEntry, PostEntry, TenureEntry, WindowEntry


@dataclass(slots=True)
class BodyState:
    """A row of `body`."""

    code: str
    version: int
    name: str
    region: str
    level: str
    superior: str | None
    office_hours: list[list[Any]]
    first_day: date
    last_day: date | None = None
    telephone: str | None = None
    address: str | None = None

    @property
    def openings(self) -> list[Opening]:
        """Its office hours."""
        return [Opening(*one) for one in self.office_hours]


@dataclass(slots=True)
class WindowState:
    """A row of `window`."""

    code: str
    version: int
    name: str
    hall: str
    body: str
    first_day: date
    last_day: date | None = None


@dataclass(slots=True)
class PostState:
    """A row of `post`."""

    code: str
    version: int
    name: str
    body: str
    duties: list[str]
    window: str | None
    superior: str | None
    first_day: date
    last_day: date | None = None


@dataclass(slots=True)
class TenureState:
    """A row of `tenure`."""

    post: str
    role: str
    first_day: date
    last_day: date | None
    staff_no: str
    name: str
    certificate_no: str | None = None
    certificate_until: date | None = None

    @property
    def tenure(self) -> Tenure:
        """As the policy sees it."""
        return Tenure(self.role, self.staff_no, Term(self.first_day, self.last_day))


Entry: TypeAlias = BodyEntry | WindowEntry | PostEntry
State: TypeAlias = BodyState | WindowState | PostState


def columns(state: State | TenureState) -> dict[str, Any]:
    """The state as a row's columns."""
    return {one.name: getattr(state, one.name) for one in fields(state)}


def state_of(entry: Entry, standing: State | None, today: date) -> State:
    """The state an entry wants, with the version that stands (0: none does).

    An entry without a first day keeps the one there is; a new one begins today.
    """
    common: dict[str, Any] = {
        "code": entry.code,
        "name": entry.name,
        "version": 0 if standing is None else standing.version,
        "first_day": entry.first_day or (today if standing is None else standing.first_day),
        "last_day": entry.last_day,
    }
    match entry:
        case BodyEntry():
            return BodyState(
                **common,
                region=entry.region,
                level=entry.level,
                superior=entry.superior,
                office_hours=[[one.weekday, one.opens, one.closes] for one in entry.office_hours],
                telephone=entry.telephone,
                address=entry.address,
            )
        case WindowEntry():
            return WindowState(**common, hall=entry.hall, body=entry.body)
    return PostState(
        **common,
        body=entry.body,
        duties=list(entry.duties),
        window=entry.window,
        superior=entry.superior,
    )


def tenure_of(entry: TenureEntry) -> TenureState:
    """The state of who stands at a post."""
    return TenureState(**{one.name: getattr(entry, one.name) for one in fields(TenureState)})


def raised(post: PostState) -> PostState:
    """The post with its next version."""
    return replace(post, version=post.version + 1)
