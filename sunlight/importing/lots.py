"""A release of OCDS as one release per lot (标段). No input or output.

Must never guess to which lot an award belongs: where one does not say, the release stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final

SEPARATOR: Final = "\n"
"""Stands between the number of a tender and its lot; no number contains it."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
_ENDED: Final = frozenset({"cancelled", "unsuccessful"})
Release = Mapping[str, Any]


class Lots:
    """The lots of the processes seen so far: later releases need not name them again."""

    def __init__(self) -> None:
        self._of: dict[str, list[Release]] = {}

    def split(self, release: Release) -> list[dict[str, Any]]:
        """The release by lots, or alone."""
        ocid = release.get("ocid")
        if not isinstance(ocid, str):
            return [dict(release)]
        named = [lot for lot in _objects(_tender(release), "lots") if _name(lot)]
        lots = named or self._of.get(ocid, [])
        self._of[ocid] = lots
        if len(lots) < 2 or not all(_related(award) for award in _objects(release, "awards")):
            return [dict(release)]
        return [_view(release, ocid, lot) for lot in lots]


def lot_name(lot: Release) -> str:
    """The name of a lot: its id where that is short and plain, else one made of it."""
    name = _name(lot)
    return name if _PLAIN.fullmatch(name) else blake2b(name.encode(), digest_size=4).hexdigest()


def _view(release: Release, ocid: str, lot: Release) -> dict[str, Any]:
    own = _name(lot)
    awards = [award for award in _objects(release, "awards") if own in _related(award)]
    ids = {award.get("id") for award in awards}
    bids = [
        bid
        for bid in _objects(_child(release, "bids"), "details")
        if own in (_related(bid) or [own])
    ]
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
        "awards": awards,
        "contracts": [one for one in _objects(release, "contracts") if one.get("awardID") in ids],
        "bids": {"details": bids},
    }


def _name(lot: Release) -> str:
    found = lot.get("id")
    return str(found) if isinstance(found, str | int) else ""


def _related(part: Release) -> list[str]:
    found = part.get("relatedLots") or ([part["relatedLot"]] if part.get("relatedLot") else [])
    return [str(one) for one in found] if isinstance(found, list) else []


def _tender(release: Release) -> Release:
    return _child(release, "tender")


def _child(parent: Release, name: str) -> Release:
    found = parent.get(name)
    return found if isinstance(found, Mapping) else {}


def _objects(parent: Release, name: str) -> Iterator[Release]:
    found = parent.get(name)
    return (
        (one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else iter(())
    )
