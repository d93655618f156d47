"""Our two cookies: the session, and the sign-in that is on its way.

What a cookie carries is signed, so that a made-up one is turned away without asking the database.
Must never be readable by a script, nor sent with another site's form.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from libs.common.identity.settings import IdentitySettings

LONGEST: Final = 4000


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie. `purpose` keeps one kind's value from being taken for another's."""

    purpose: str
    key: bytes
    secure: bool

    @property
    def name(self) -> str:
        """`__Host-` binds it to this host and https; browsers refuse that prefix on plain http."""
        return f"{'__Host-' if self.secure else ''}sunlight-{self.purpose}"

    def read(self, request: Request) -> str | None:
        """Its value, None unless we signed it."""
        sent = request.cookies.get(self.name, "")
        value, _, signature = sent.rpartition(".")
        if not value or len(sent) > LONGEST or not sent.isascii():
            return None
        return value if hmac.compare_digest(signature, self._signature(value)) else None

    def write(self, answer: Response, value: str, *, seconds: int | None = None) -> None:
        """Set it for `seconds`; None: until the browser is closed."""
        answer.set_cookie(
            self.name,
            f"{value}.{self._signature(value)}",
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def clear(self, answer: Response) -> None:
        """Remove it from the browser."""
        answer.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="lax")

    def _signature(self, value: str) -> str:
        return signed(self.key, self.purpose, value)


@dataclass(frozen=True, slots=True)
class Cookies:
    """The cookies of an installation."""

    session: Cookie
    sign_in: Cookie

    @classmethod
    def of(cls, settings: IdentitySettings) -> "Cookies":
        """As the settings have them."""
        key = settings.secret.get_secret_value().encode()
        return cls(*(Cookie(purpose, key, settings.secure) for purpose in ("session", "sign-in")))


def signed(key: bytes, purpose: str, value: str) -> str:
    """The HMAC-SHA256 of a value for one purpose, 64 hexadecimal digits."""
    return hmac.new(key, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()
