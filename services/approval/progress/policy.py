"""How often a wrong code may be tried on one case number.

Ten wrong tries within an hour close the number for an hour, for the right code too: so a code of
40 bits can't be found by trying. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MOST: Final = 10
WITHIN: Final = timedelta(hours=1)
CLOSED: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tries:
    """The wrong tries on a number that still count, oldest first, and until when it is closed."""

    wrong: Sequence[datetime] = ()
    closed_until: datetime | None = None

    def closed(self, now: datetime) -> bool:
        """Whether nothing is answered for the number at `now`."""
        return self.closed_until is not None and now < self.closed_until

    def with_wrong(self, now: datetime) -> Tries:
        """After one more wrong try. What closes the number starts the count anew."""
        counted = [at for at in self.wrong if at > now - WITHIN] + [now]
        if len(counted) < MOST:
            return Tries(counted, self.closed_until)
        return Tries((), now + CLOSED)
