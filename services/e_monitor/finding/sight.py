"""Which findings a post may see: those of its scope, leads only where it may see leads.

A lead is the supervisors' own until one of them puts it to the office; from then on the office sees
what it is to answer. Must never show more where it is not said: without `lead.read` no lead is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, Self

from libs.common.identity.actor import Acting, Actor
from libs.common.identity.permissions import require, scope_of
from libs.common.identity.scope import NOTHING, Scope

FINDINGS: Final = "finding.read"
LEADS: Final = "lead.read"
_PUT_TO_THE_OFFICE: Final = """
(f.severity <> 'lead' OR EXISTS (
    SELECT FROM follow_up u WHERE u.finding = f.id AND u.answer_by IS NOT NULL))
"""


class Placed(Protocol):
    """A finding as far as it matters here."""

    @property
    def region(self) -> str | None: ...

    @property
    def department(self) -> str | None: ...

    @property
    def severity(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Sight:
    """A scope, and whether leads that nobody has put to the office are seen."""

    scope: Scope
    leads: bool = False

    @classmethod
    def of(cls, actor: Actor) -> Self:
        """What `actor` may see; nothing where it may read no findings."""
        return cls(scope_of(actor, FINDINGS), LEADS in actor.duties)

    @classmethod
    def everything(cls) -> Self:
        """Every finding. For the installation's own parts, never for a role."""
        return cls(Scope.everything(), leads=True)

    @property
    def anything(self) -> bool:
        """Whether it covers any finding at all."""
        return self.scope != NOTHING

    def covers(self, finding: Placed) -> bool:
        """Whether a listener hears of the finding; of a lead only where it may see leads."""
        within = self.scope.covers(finding.region, finding.department)
        return within and (self.leads or finding.severity != "lead")

    def sql(self, *, first: int = 1) -> tuple[str, list[str]]:
        """As `Scope.sql`, on `finding f`."""
        condition, values = self.scope.sql("f.region", "f.department", first=first)
        return self._also(condition), values

    def named(self) -> tuple[str, dict[str, str]]:
        """As `Scope.named`, on `finding f`."""
        condition, values = self.scope.named("f.region", "f.department")
        return self._also(condition), values

    def _also(self, condition: str) -> str:
        return condition if self.leads else f"{condition} AND {_PUT_TO_THE_OFFICE}"


def demanded(actor: Actor, permission: str = FINDINGS) -> Sight:
    """What `actor` may see with a permission. Raises Forbidden where that is nothing."""
    return Sight(require(actor, permission), LEADS in actor.duties)


async def sight(actor: Acting) -> Sight:
    """A dependency: what the request's actor may see. Raises Forbidden."""
    return demanded(actor)
