"""Recorded tenders, whose bids carry no marks, or each firm's own: never a lead.

The recordings are labelled with cartels; what labels say is another question. Here nobody shares a
file, a certificate or an account, so every lead would be a false one.
"""

import csv
import gzip
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from libs.common.events import Event
from libs.common.law.dossier import Dossier
from tests.unit.e_monitor.rigging.making import LAW, bid, found, mark, opened, published

pytestmark = pytest.mark.shared
RECORDINGS = ("brazil", "italy", "america")


@pytest.fixture(scope="module", params=RECORDINGS)
def tenders(shared: Path, request: pytest.FixtureRequest) -> dict[str, list[str]]:
    """Tender → the firm of each of its bids."""
    bidders = defaultdict(list)
    path = shared / "data" / "collusion" / f"{request.param}.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            bidders[row["Tender"]].append(row["Competitors"])
    return bidders


def folded(firms: list[str], marked: bool) -> Dossier:
    """What stands on a tender of these bidders."""
    events = [published(), opened(len(firms))]
    events += [recorded(number, firm, marked) for number, firm in enumerate(firms)]
    return LAW.fold(event._replace(sequence=place) for place, event in enumerate(events, start=1))


def recorded(number: int, firm: str, marked: bool) -> Event:
    own = [mark(f"{firm:0>4}")]
    kinds = ("creation_ids", "certificates", "accounts", "bond_accounts")
    told: dict[str, Any] = dict.fromkeys(kinds, own) if marked else {}
    return bid(1, minute=5, bid_no=f"B-{number}", bidder=f"F-{firm}", bond_form="transfer", **told)


def test_bids_without_marks_are_undetermined_and_never_a_lead(
    tenders: dict[str, list[str]],
) -> None:
    for firms in tenders.values():
        dossier = folded(firms, marked=False)
        told = {check.verdict for check in dossier.checks}
        assert told == ({"undetermined"} if len(set(firms)) > 1 else set())


def test_marks_of_each_firms_own_are_clear_in_every_tender(tenders: dict[str, list[str]]) -> None:
    assert len(tenders) >= 101
    for firms in tenders.values():
        dossier = folded(firms, marked=True)
        assert found(dossier) == dossier.checks == []
