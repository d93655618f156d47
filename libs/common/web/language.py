"""Which of the two languages a request is answered in.

Order: `?lang=`, cookie `lang`, `Accept-Language`, else Chinese. Must never guess from an address.
"""

from typing import Final, Literal, cast
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, Language]] = ("zh", "en")
DEFAULT: Final[Language] = "zh"


def known(value: str | None) -> Language | None:
    """`value` as one of ours (`en-GB` is `en`), else None."""
    primary = (value or "").strip().lower().partition("-")[0]
    return next((language for language in LANGUAGES if language == primary), None)


def from_accept(header: str) -> Language | None:
    """The language of highest weight in an Accept-Language header (RFC 9110 section 12.5.4)."""
    best: tuple[float, Language] | None = None
    for part in header.split(","):
        tag, _, parameters = part.partition(";")
        language = known(tag)
        weight = _weight(parameters)
        if language and weight > 0 and (best is None or weight > best[0]):
            best = (weight, language)
    return best[1] if best else None


def language_of(scope: Scope) -> Language:
    """The language of this request; worked out once and kept in the scope."""
    state = scope.setdefault("state", {})
    if "language" not in state:
        state["language"] = _resolve(scope)
    return cast(Language, state["language"])


def _resolve(scope: Scope) -> Language:
    query = scope.get("query_string", b"")
    if b"lang=" in query:
        asked = parse_qs(query.decode("latin-1")).get("lang", [""])[-1]
        if found := known(asked):
            return found
    headers = Headers(scope=scope)
    cookies = cookie_parser(headers.get("cookie", ""))
    return known(cookies.get("lang")) or from_accept(headers.get("accept-language", "")) or DEFAULT


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
