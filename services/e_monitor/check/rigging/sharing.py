"""Marks that bids of strangers bear in common: what the items of art. 40 here come to. Pure.

招标投标法实施条例 art. 40 speaks of *different* bidders, so bids that share a party (a
consortium and its member) are never held against each other, nor bids on different lots. A mark
that is known to serve many says nothing. What is not known is told as missing, never as clear.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from libs.common.law.instants import from_micros
from libs.common.law.survey import Clear, Finding, Lead, Outcome, Undetermined
from services.e_monitor.check.rigging.bids import Bid, Bids, Mark

OCCURRENCES: Final = 100_000
NAMED: Final = 20
"""How many missing facts an outcome names."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One mark of one lot with the strangers who bear it, in order of their numbers."""

    lot: str | None
    kind: str
    mark: Mark
    bids: tuple[Bid, ...]
    tier: str
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """What a detector saw in one lot, and which facts it missed (`<bid>/<fact>`)."""

    shared: Sequence[Shared]
    missing: Sequence[str]


Marks = Callable[[Bid], Sequence[Mark]]


def bearers(bids: Sequence[Bid], marks: Marks) -> list[tuple[Mark, tuple[Bid, ...]]]:
    """Marks with the bids of strangers that bear them, by hash; those that serve many left out."""
    found: dict[str, tuple[Mark, dict[str, Bid]]] = {}
    serving: set[str] = set()
    for bid in bids:
        for mark in marks(bid):
            found.setdefault(mark["hash"], (mark, {}))[1][bid.number] = bid
            if mark.get("shared"):
                serving.add(mark["hash"])
    several = {name: item for name, item in found.items() if len(item[1]) > 1}
    return [
        (mark, strangers)
        for name, (mark, group) in sorted(several.items())
        if name not in serving and (strangers := _strangers(list(group.values())))
    ]


def _strangers(group: Sequence[Bid]) -> tuple[Bid, ...]:
    return tuple(
        bid for bid in group if any(bid.parties.isdisjoint(other.parties) for other in group)
    )


def unknown(bids: Sequence[Bid], name: str) -> list[str]:
    """The bids of which a kind of mark is not known, and marks that can't be compared."""
    missing = [f"{bid.number}/{name}" for bid in bids if not bid.marks(name)]
    return missing + several_keys(name, (mark for bid in bids for mark in bid.marks(name)))


def several_keys(name: str, marks: Iterable[Mark]) -> list[str]:
    """Hashes tell equal from different only under one key, whose id stands before the colon."""
    keys = {mark["hash"].rpartition(":")[0] for mark in marks}
    return [f"{name} under one key"] if len(keys) > 1 else []


def outcome(rows: Mapping[str, Any], look: Callable[[Bids, Sequence[Bid]], Look]) -> Outcome:
    """What `look` sees in each lot, as an outcome; nothing before the opening."""
    bids = Bids(rows)
    if bids.opened is None:
        return Undetermined(("opened",))
    looks = [look(bids, lot) for _, lot in bids.lots() if _contested(lot)]
    shared = [item for seen in looks for item in seen.shared]
    if shared:
        return Finding(_leads(shared, bids.opened))
    missing = bids.missing() + [name for seen in looks for name in seen.missing]
    return Undetermined(tuple(missing[:NAMED])) if missing else Clear()


def _contested(lot: Sequence[Bid]) -> bool:
    """Whether two strangers bid for the lot."""
    first = lot[0].parties
    return any(first.isdisjoint(bid.parties) for bid in lot[1:]) or len(_strangers(lot)) > 1


def _leads(shared: Sequence[Shared], opened: int) -> tuple[Lead, ...]:
    """A lead for each, numbered by what it is about: found again, it is the same one."""
    leads: dict[int, Lead] = {}
    for item in sorted(shared, key=lambda item: (item.lot or "", item.kind, item.mark["hash"])):
        number = _number(item)
        while number in leads:
            number = number % OCCURRENCES + 1
        at = max(_since(item.bids), opened)
        leads[number] = Lead(number, at, _evidence(item, at))
    return tuple(leads.values())


def _number(item: Shared) -> int:
    text = f"{item.lot or ''}\n{item.kind}\n{item.mark['hash']}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % OCCURRENCES + 1


def _since(bids: Sequence[Bid]) -> int:
    """When the mark was first on record of two strangers."""
    seen: list[Bid] = []
    for bid in sorted(bids, key=lambda bid: (bid.at, bid.number)):
        if any(bid.parties.isdisjoint(other.parties) for other in seen):
            return bid.at
        seen.append(bid)
    raise ValueError("a shared mark has two strangers")


def _evidence(item: Shared, at: int) -> dict[str, Any]:
    return {
        "tier": item.tier,
        **({"lot": item.lot} if item.lot else {}),
        "mark": item.kind,
        "shown": item.mark.get("shown") or "…",
        "bidders": sorted({bid.bidder for bid in item.bids}),
        "bids": [bid.number for bid in item.bids],
        "since": from_micros(at).isoformat(),
        **item.more,
    }
