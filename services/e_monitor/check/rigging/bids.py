"""The opened bids of a tender, as the detectors of bid rigging see them. Pure.

Kept among the subject's rows, at most `AT_MOST` bids, and only what a detector compares. Must never
hold more of a mark than its keyed hash and its masked form, and never a bid's price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from libs.common.events.contracts import trading as events
from libs.common.events.envelope import Event
from libs.common.law.instants import to_micros

AT_MOST: Final = 1000
"""More bids than this on one tender are not compared; the outcome says so."""
_OPENED: Final = events.TenderOpened.event_type
_EVALUATED: Final = events.TenderEvaluated.event_type
_PUTS: Final = frozenset({events.BidRecorded.event_type, events.BidCorrected.event_type})
_TAKES: Final = frozenset({events.BidWithdrawn.event_type, events.TenderBidWithdrawn.event_type})
_MARKED: Final = events.TenderDocumentsMarked.event_type
_KEPT: Final = (
    "bid_no",
    "lot",
    "bidder",
    "members",
    "creation_ids",
    "certificates",
    "accounts",
    "bond_form",
    "bond_accounts",
    "bond_applicant_accounts",
)


def gather(rows: dict[str, Any], event: Event) -> None:
    """Keep what an event says of the bids. The same event told twice leaves the same rows."""
    kind, data = event.type, event.data
    if kind in _PUTS:
        _put(rows, data, to_micros(event.time))
    elif kind in _TAKES:
        _take(rows, data)
    elif kind == _MARKED and data.get("creation_ids") is not None:
        hashes = sorted(mark["hash"] for mark in data["creation_ids"])
        rows.setdefault("templates", {})[data.get("lot") or ""] = hashes
    elif kind in (_OPENED, _EVALUATED):
        at = to_micros(event.time)
        rows["opened"] = min(rows.get("opened", at), at)
        if data.get("bids") is not None:
            rows["count"] = data["bids"]


def _put(rows: dict[str, Any], data: Mapping[str, Any], at: int) -> None:
    bids, place = rows.setdefault("bids", {}), _place(data)
    if not {place, str(data["bid_no"])}.isdisjoint(rows.get("taken", ())):
        return
    if place not in bids and len(bids) >= AT_MOST:
        rows["more"] = True
        return
    bids[place] = {name: data[name] for name in _KEPT if data.get(name) is not None} | {"at": at}


def _take(rows: dict[str, Any], data: Mapping[str, Any]) -> None:
    """Take a bid out, for good: whatever else is told of it, it was none."""
    taken = _place(data) if data.get("lot") else str(data["bid_no"])
    known = rows.setdefault("taken", [])
    if taken not in known and len(known) < AT_MOST:
        known.append(taken)
    bids = rows.get("bids", {})
    for place in [place for place in bids if taken in (place, bids[place]["bid_no"])]:
        del bids[place]


def _place(data: Mapping[str, Any]) -> str:
    return f"{data['bid_no']}\n{data.get('lot') or ''}"


Mark = Mapping[str, Any]
"""`hash`, `shown` and `shared`, as in the contract's Mark."""


@dataclass(frozen=True, slots=True)
class Bid:
    """One bid on one lot; a consortium's is one.

    Who shares one of the `parties`, bidder and members, with another bid is no stranger to it.
    """

    number: str
    lot: str | None
    at: int
    parties: frozenset[str]
    row: Mapping[str, Any]

    @property
    def bidder(self) -> str:
        """The bidder, of a consortium its lead member."""
        return str(self.row["bidder"])

    def marks(self, name: str) -> Sequence[Mark]:
        """The marks of one kind; none where they are not known."""
        return self.row.get(name) or ()


@dataclass(frozen=True, slots=True)
class Bids:
    """What is known of a tender's bids. `opened` in microseconds, None before the opening."""

    rows: Mapping[str, Any]

    @property
    def opened(self) -> int | None:
        """When the bids were opened."""
        return self.rows.get("opened")

    def lots(self) -> Iterator[tuple[str | None, Sequence[Bid]]]:
        """Each lot with its bids, both in order of their numbers."""
        found: dict[str, list[Bid]] = {}
        for row in self.rows.get("bids", {}).values():
            parties = frozenset({row["bidder"], *row.get("members", ())})
            bid = Bid(row["bid_no"], row.get("lot"), row["at"], parties, row)
            found.setdefault(bid.lot or "", []).append(bid)
        for lot in sorted(found):
            yield lot or None, sorted(found[lot], key=lambda bid: bid.number)

    def templates(self, lot: str | None) -> frozenset[str] | None:
        """Creation ids of the tenderer's own documents; None where they are not known."""
        known: Mapping[str, list[str]] = self.rows.get("templates", {})
        places = [known[name] for name in {"", lot or ""} if name in known]
        return frozenset(mark for place in places for mark in place) if places else None

    def missing(self) -> list[str]:
        """Which bids are not on record, as far as that can be told."""
        recorded = len(self.rows.get("bids", {}))
        lacking = recorded < self.rows.get("count", 1) or "more" in self.rows
        return ["bids"] if lacking else []
