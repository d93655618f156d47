"""Stored content that no row refers to: an upload whose command failed after the file was kept.

Only finds; whoever keeps the rows deletes. Must never name what was kept a moment ago: its row may
be on the way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from libs.common.files.digest import Digest
from libs.common.files.store import Store

Known = Callable[[Collection[Digest]], Awaitable[Collection[Digest]]]
"""Which of some digests a row refers to."""
GRACE: Final = timedelta(days=1)
_PAGE: Final = 1000


async def orphans(store: Store, known: Known, *, now: datetime) -> AsyncIterator[Digest]:
    """The digests that nothing has referred to for a day; `now` is real time, as the disk's."""
    kept = store.kept(before=now - GRACE)
    while page := list(islice(kept, _PAGE)):
        referred = frozenset(await known(page))
        for digest in page:
            if digest not in referred:
                yield digest
