"""What others of this service ask the organisation.

Must never change it: `importing` does.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.web.errors import NotFound
from services.approval.office import repository
from services.approval.office.model import TenureRow
from services.approval.office.policy import standing_on


class Scope(NamedTuple):
    """Where a post may act: its body's region (12 digits), and the body's code."""

    region: str
    department: str


@dataclass(frozen=True, slots=True)
class Leader:
    """A post of a chain of leaders, its body and the body's region."""

    post: str
    name: str
    body: str
    region: str


@dataclass(frozen=True, slots=True)
class LeaderChain:
    """Who answers for a post: the post itself, then those that lead it, nearest first."""

    post: Leader
    leaders: tuple[Leader, ...]


async def scope_of(session: AsyncSession, post: str) -> Scope:
    """Region and department of a post. Raises NotFound."""
    found = await repository.scope(session, post)
    if found is None:
        raise NotFound
    return Scope(*found)


async def responsible(session: AsyncSession, post: str, day: date) -> LeaderChain:
    """The post and those that lead it on `day`; an abolished post is passed over.

    Raises:
        NotFound: no such post.
    """
    links = await repository.chain(session, post, day)
    if not links:
        raise NotFound
    (own, *above) = links
    leaders = tuple(Leader(*link[:4]) for link in above if link[4])
    return LeaderChain(Leader(*own[:4]), leaders)


async def standing_at(session: AsyncSession, post: str, day: date) -> dict[str, TenureRow]:
    """Who stands at a post on `day`, by role (`holder`, `substitute`); empty: vacant."""
    rows = {row.tenure: row for row in await repository.tenures(session, post)}
    return {role: rows[tenure] for role, tenure in standing_on(rows, day).items()}
