"""Which role may do what, and on whose rows: a matrix that is data (`roles.yaml`).

Must never grant what is not written there: an unknown role, service or permission grants nothing.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import yaml
from fastapi import Request
from pydantic import BaseModel, ConfigDict, TypeAdapter

from libs.common.identity.actor import Acting, Actor, Identify
from libs.common.identity.principal import Principal
from libs.common.identity.scope import NOTHING, Scope
from libs.common.web.errors import Forbidden

ROLES: Final = Path(__file__).parent / "roles.yaml"
SERVICES: Final = ("approval", "trading", "monitor", "disclosure", "identity")
Reach = Literal["office", "region"]
Service = Literal["approval", "trading", "monitor", "disclosure", "identity"]


class Role(BaseModel):
    """A line of the matrix."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Mapping[Literal["zh", "en"], str]
    reach: Reach
    permissions: Mapping[Service, frozenset[str]]


@dataclass(frozen=True, slots=True)
class RoleActor(Actor):
    """An actor whose duties come from roles. `wide`: those that reach its whole region."""

    wide: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Viewer(Actor):
    """Who looks at a kept recording: every row of its database, which is no installation's.

    A recording often names no region, and then no region's post may see it. Must never be made
    of a role, nor of anything that a request says: only the composition makes one.
    """


@dataclass(frozen=True, slots=True)
class Matrix:
    """The roles of an installation by their names."""

    roles: Mapping[str, Role]

    def permissions(
        self, roles: Iterable[str], service: str, *, reach: Reach | None = None
    ) -> frozenset[str]:
        """Everything that any of `roles` (of one reach) may do at `service`."""
        held = [self.roles[name] for name in roles if name in self.roles]
        chosen = [_of(role, service) for role in held if reach in {None, role.reach}]
        return frozenset[str]().union(*chosen)

    def actor(self, principal: Principal, service: str) -> RoleActor:
        """The principal as an actor of `service`: its duties are its permissions there."""
        return RoleActor(
            principal.post,
            principal.office,
            principal.region,
            self.permissions(principal.roles, service),
            self.permissions(principal.roles, service, reach="region"),
        )


def scope_of(actor: Actor, permission: str) -> Scope:
    """On whose rows `actor` has `permission`: the widest reach that a role of its gives it.

    Without the permission a scope that covers no row.
    """
    if permission not in actor.duties:
        return NOTHING
    if isinstance(actor, Viewer):
        return Scope.everything()
    wide = isinstance(actor, RoleActor) and permission in actor.wide
    return Scope.of(actor.region, None if wide else actor.office)


def require(actor: Actor, permission: str) -> Scope:
    """The scope of a permission; raises Forbidden where it covers nothing."""
    scope = scope_of(actor, permission)
    if scope == NOTHING:
        raise Forbidden
    return scope


def permitted(permission: str) -> Callable[[Actor], Awaitable[Scope]]:
    """A dependency: the scope in which the request's actor has `permission`, else Forbidden.

    `Within = Annotated[Scope, Depends(permitted("finding.read"))]`
    """

    async def scope(actor: Acting) -> Scope:
        return require(actor, permission)

    return scope


def needing(identify: Identify, needs: Sequence[tuple[str, str]]) -> Identify:
    """`identify`, but Forbidden for an actor without what the address needs.

    `needs` are pairs of a path's beginning and a permission; the first that fits counts, and an
    address that none fits is nobody's.
    """

    async def acting(request: Request) -> Actor:
        path = request.url.path
        needed = next((held for begin, held in needs if path.startswith(begin)), None)
        actor = await identify(request)
        if needed not in actor.duties:
            raise Forbidden
        return actor

    return acting


def _of(role: Role, service: str) -> frozenset[str]:
    return next((held for name, held in role.permissions.items() if name == service), frozenset())


def load(path: Path = ROLES) -> Matrix:
    """The matrix in a YAML file. Raises pydantic's ValidationError where its form is wrong."""
    with path.open(encoding="utf-8") as file:
        return Matrix(TypeAdapter(dict[str, Role]).validate_python(yaml.safe_load(file)))


@cache
def installed_matrix() -> Matrix:
    """The shipped matrix, read once."""
    return load()
