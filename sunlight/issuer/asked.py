"""What a client asks of the authorization endpoint, and what is wrong with it.

OpenID Connect Core 1.0, 3.1.2; RFC 6749, 4.1; RFC 7636; RFC 9207. Must never send a browser to
an address that is not registered, not even with an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from libs.common.web.errors import DomainError

LONGEST: Final = 500
PARAMETERS: Final = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class ClientUnknown(DomainError):
    """400: nobody to send the browser back to."""

    code = "client_unknown"
    status = 400
    zh = "登录请求来自未登记的应用或地址"
    en = "The sign-in was asked for by an application or address that is not registered"


@dataclass(frozen=True, slots=True)
class Client:
    """The one application that may ask: the platform itself."""

    id: str
    redirect_uri: str
    home: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed request for a code."""

    client: str
    redirect_uri: str
    state: str
    nonce: str
    challenge: str

    def carried(self) -> list[tuple[str, str]]:
        """The parameters again, for the form that follows."""
        values = ("code", self.client, self.redirect_uri, "openid", self.state, self.nonce)
        return list(zip(PARAMETERS, (*values, self.challenge, "S256"), strict=True))

    def answer(self, issuer: str, **values: str) -> str:
        """The address that takes `values` back to the client."""
        return _back(self.redirect_uri, issuer, self.state, values)


@dataclass(frozen=True, slots=True)
class Faulty:
    """A request of our client that is wrong: where to send the browser with the error."""

    url: str


def asked(parameters: Mapping[str, str], client: Client, issuer: str) -> Asked | Faulty:
    """Read a request. Raises ClientUnknown where it can't even be answered by a redirect."""
    given = {name: parameters.get(name, "") for name in PARAMETERS}
    if (given["client_id"], given["redirect_uri"]) != (client.id, client.redirect_uri):
        raise ClientUnknown
    fault = _fault(given)
    if fault is not None:
        state = given["state"] if len(given["state"]) <= LONGEST else ""
        return Faulty(_back(client.redirect_uri, issuer, state, {"error": fault}))
    return Asked(
        given["client_id"],
        given["redirect_uri"],
        given["state"],
        given["nonce"],
        given["code_challenge"],
    )


def _fault(given: Mapping[str, str]) -> str | None:
    """The error code of RFC 6749, 4.1.2.1."""
    if given["response_type"] != "code":
        return "unsupported_response_type"
    if "openid" not in given["scope"].split():
        return "invalid_scope"
    proof = given["code_challenge_method"] == "S256" and _CHALLENGE.fullmatch(
        given["code_challenge"]
    )
    bound = all(0 < len(given[name]) <= LONGEST for name in ("state", "nonce"))
    return None if proof and bound else "invalid_request"


def _back(redirect_uri: str, issuer: str, state: str, values: Mapping[str, str]) -> str:
    return f"{redirect_uri}?{urlencode({**values, 'state': state, 'iss': issuer})}"
