"""From an issuer's claims to a post: which claim says what, as the installation sets it.

Must never guess: a claim that is missing, of another type or too long refuses the sign-in.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from libs.common.identity.area import area
from libs.common.identity.principal import Principal

LONGEST: Final = 200
MOST_ROLES: Final = 200


class ClaimsRefused(Exception):
    """The claims do not say which post this is. Names the claim, never its value."""


class ClaimsMapping(BaseModel):
    """Where each fact stands: a path of member names, `realm_access.roles`.

    A member whose name has a dot itself is written with `/` between the members instead:
    `/https:~1~1city.example~1post` (JSON pointer, RFC 6901). `role_names` turns the issuer's
    words into ours; when it is empty they are taken as they are. A role that `roles.yaml` does
    not have grants nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    post: str = Field("post", min_length=1, max_length=LONGEST)
    office: str = Field("office", min_length=1, max_length=LONGEST)
    region: str = Field("region", min_length=1, max_length=LONGEST)
    roles: str = Field("roles", min_length=1, max_length=LONGEST)
    role_names: Mapping[str, str] = {}

    def principal(self, claims: Mapping[str, Any]) -> Principal:
        """Who the verified `claims` (with `iss` and `sub`) stand for. Raises ClaimsRefused."""
        region = _text(claims, self.region)
        if area(region) is None:
            raise ClaimsRefused(f"claim {self.region!r} is not the code of a region")
        return Principal(
            issuer=_text(claims, "iss"),
            subject=_text(claims, "sub"),
            post=_text(claims, self.post),
            office=_text(claims, self.office),
            region=region,
            roles=self._roles(claims),
        )

    def _roles(self, claims: Mapping[str, Any]) -> frozenset[str]:
        found = _at(claims, self.roles)
        if not isinstance(found, list) or len(found) > MOST_ROLES:
            raise ClaimsRefused(f"claim {self.roles!r} is not a list of roles")
        words = [role for role in found if is_word(role)]
        if not self.role_names:
            return frozenset(words)
        return frozenset(self.role_names[role] for role in words if role in self.role_names)


def _text(claims: Mapping[str, Any], path: str) -> str:
    value = _at(claims, path)
    if not is_word(value):
        raise ClaimsRefused(f"claim {path!r} is not a plain text")
    return str(value)


def is_word(value: Any) -> bool:
    """Whether `value` is a short text that can be shown and stored as it is."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        return False
    return value.isprintable() and value == value.strip()


def _at(claims: Mapping[str, Any], path: str) -> Any:
    value: Any = claims
    for name in _members(path):
        if not isinstance(value, Mapping) or name not in value:
            raise ClaimsRefused(f"claim {path!r} is missing")
        value = value[name]
    return value


def _members(path: str) -> list[str]:
    if not path.startswith("/"):
        return path.split(".")
    return [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]
