"""A release of OCDS as one release per lot (标段). No input or output.

Must never guess to which lot an award belongs: where one does not say, the release stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from operator import itemgetter
from typing import Any, Final

from sunlight.recording.faults import UnusableError

SEPARATOR: Final = "\n"
"""Stands between the number of a tender and its lot; no number contains it."""
MOST: Final = 2_000
"""Lots of one release: each becomes a record of its own."""
MOST_BIDS: Final = 10_000
"""Bids that name no lot belong to every one: that many copies of them one release may become."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
_ENDED: Final = frozenset({"cancelled", "unsuccessful"})
Release = Mapping[str, Any]


class Lots:
    """The lots of the processes seen so far: later releases need not name them again."""

    def __init__(self) -> None:
        self._of: dict[str, list[Release]] = {}

    def split(self, release: Release) -> list[dict[str, Any]]:
        """The release by lots, or alone. Raises UnusableError where it would be too many."""
        ocid = release.get("ocid")
        if not isinstance(ocid, str):
            return [dict(release)]
        named = [lot for lot in _objects(_tender(release), "lots") if _name(lot)]
        lots = named or self._of.get(ocid, [])
        self._of[ocid] = lots
        awards, bids = _ByLot(_objects(release, "awards")), _ByLot(_bids(release))
        if len(lots) < 2 or awards.loose:
            return [dict(release)]
        if len(lots) > MOST or len(lots) * len(bids.loose) > MOST_BIDS:
            message = f"{len(lots)} lots, each with {len(bids.loose)} bids that name none"
            raise UnusableError("too-many", "tender/lots", message)
        return [_view(release, ocid, lot, awards, bids) for lot in lots]


class _ByLot:
    """Parts of a release by the lots that they name; `loose` are those that name none."""

    def __init__(self, parts: Iterator[Release]) -> None:
        self._of: dict[str, list[tuple[int, Release]]] = {}
        self.loose: list[tuple[int, Release]] = []
        for place, part in enumerate(parts):
            names = dict.fromkeys(_related(part))
            for name in names:
                self._of.setdefault(name, []).append((place, part))
            if not names:
                self.loose.append((place, part))

    def of(self, lot: str) -> list[Release]:
        """What belongs to a lot, or to every one, in the order of the release."""
        found = [*self._of.get(lot, ()), *self.loose]
        return [part for _, part in sorted(found, key=itemgetter(0))]


def lot_name(lot: Release) -> str:
    """The name of a lot: its id where that is short and plain, else one made of it."""
    name = _name(lot)
    if _PLAIN.fullmatch(name):
        return name
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def _view(
    release: Release, ocid: str, lot: Release, awards: _ByLot, bids: _ByLot
) -> dict[str, Any]:
    own = _name(lot)
    awarded = awards.of(own)
    ids = {_name(award) for award in awarded} - {""}
    told = dict(_tender(release))
    told.pop("lots", None)
    for name in ("value", "tenderPeriod"):
        if isinstance(lot.get(name), Mapping):
            told[name] = lot[name]
        elif name == "value":
            told.pop(name, None)
    if lot.get("status") in _ENDED:
        told["status"] = lot["status"]
    return {
        **release,
        "ocid": f"{ocid}{SEPARATOR}{lot_name(lot)}",
        "tender": told,
        "awards": awarded,
        "contracts": [
            one for one in _objects(release, "contracts") if _name(one, "awardID") in ids
        ],
        "bids": {"details": bids.of(own)},
    }


def _name(part: Release, name: str = "id") -> str:
    found = part.get(name)
    return str(found) if isinstance(found, str | int) else ""


def _related(part: Release) -> list[str]:
    found = part.get("relatedLots") or ([part["relatedLot"]] if part.get("relatedLot") else [])
    return [str(one) for one in found] if isinstance(found, list) else []


def _tender(release: Release) -> Release:
    return _child(release, "tender")


def _bids(release: Release) -> Iterator[Release]:
    return _objects(_child(release, "bids"), "details")


def _child(parent: Release, name: str) -> Release:
    found = parent.get(name)
    return found if isinstance(found, Mapping) else {}


def _objects(parent: Release, name: str) -> Iterator[Release]:
    found = parent.get(name)
    return (
        (one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else iter(())
    )
