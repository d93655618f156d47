"""From an applicant's number to a mark that says nothing: what a search compares.

A keyed hash: numbers of persons are few enough to be tried out by whoever has the table but not
the key. Must never return, keep or print the number itself.
"""

import hashlib
import hmac
from dataclasses import dataclass

from libs.common.web.errors import Unavailable


class ApplicantKeyMissing(Unavailable):
    """503: a number can't be taken in without a key."""

    code = "applicant_key_missing"
    zh = "系统未设置申请人密钥(APPROVAL_APPLICANT_KEY),不能登记申请人的号码"
    en = "APPROVAL_APPLICANT_KEY is not set; an applicant's number can't be recorded"


@dataclass(frozen=True, slots=True, repr=False)
class Marker:
    """Makes marks with one key. Marks of different keys can't be compared."""

    key: bytes

    def mark(self, number: str) -> str:
        """The mark of a number in its one form (`parse_resident_id`, `parse_credit_code`)."""
        return hmac.new(self.key, f"applicant\n{number}".encode(), hashlib.sha256).hexdigest()
