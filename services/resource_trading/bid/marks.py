"""From what identifies a file, a machine, a certificate or an account to a mark that says nothing.

A mark tells equal from different and no more: a keyed hash of the value in one form, so that two
ways of writing one MAC address agree, and its last characters, masked. Must never return, keep or
print the value itself, nor work without a key: account numbers are few enough to be tried out.
"""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from libs.common.events.contracts.trading import Mark

SCOPES: Final = {
    "creation_ids": "file",
    "mac_addresses": "mac",
    "disk_serials": "disk",
    "cpu_serials": "cpu",
    "certificates": "certificate",
    "accounts": "platform-account",
    "bond_accounts": "bank-account",
    "bond_applicant_accounts": "bank-account",
}
"""Kind of mark → what it is compared with: whoever paid, an account is an account."""
_APART: Final = re.compile(r"[\W_]+")
_EMPTY: Final = re.compile(r"(.)\1*|TOBEFILLED\w*|DEFAULT\w*|SYSTEMSERIAL\w*|NONE|NULL|UNKNOWN|NA")
"""What makers and drivers write where there is no number: equal for all, so it marks nobody."""
_LEAST: Final = 4


@dataclass(frozen=True, slots=True, repr=False)
class Marker:
    """Makes marks with one key. Marks of different keys can't be compared."""

    key: bytes

    @property
    def key_id(self) -> str:
        """Which key it is, without saying it."""
        return hashlib.sha256(b"mark key\n" + self.key).hexdigest()[:8]

    def mark(self, kind: str, value: str, *, shared: bool = False) -> Mark | None:
        """The mark of `value`; None for one that marks nobody. KeyError for an unknown kind."""
        plain = one_form(value)
        if len(plain) < _LEAST or _EMPTY.fullmatch(plain):
            return None
        digest = hmac.new(self.key, f"{SCOPES[kind]}\n{plain}".encode(), hashlib.sha256)
        shown = f"…{plain[-4:]}" if len(plain) >= 8 else "…"
        return Mark(hash=f"{self.key_id}:{digest.hexdigest()[:32]}", shown=shown, shared=shared)


def one_form(value: str) -> str:
    """Letters and digits only, full width made half, raised: `00-1a:2B` is `001A2B`."""
    return _APART.sub("", unicodedata.normalize("NFKC", value)).upper()
