"""Opened bids as events, and what the shipped rules find in them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from libs.common.events import Event
from libs.common.law.dossier import Check, Dossier
from libs.common.law.fold import Fold
from libs.common.law.survey import Outcome
from services.e_monitor.check import DETECTORS
from services.e_monitor.check.rigging.bids import gather
from tests.unit.common.law.making import happened, law, local

OPENING: Final = "2026-03-23T10:00:00"
FIRMS: Final = [f"9133010{n}MA2AAAAA{n}A" for n in range(9)]
LAW: Final[Fold] = replace(law(), detectors=DETECTORS)
KINDS: Final = {"CN40-1a": "creation_ids", "CN40-2c": "accounts", "CN40-6a": "bond_accounts"}


def mark(letter: str, *, shared: bool = False, key: str = "3f2a9c1b") -> dict[str, Any]:
    """A mark made with the tests' key."""
    return {"hash": f"{key}:{letter * 32}", "shown": f"…{letter * 4}", "shared": shared}


def published(**data: Any) -> Event:
    """The tender's publication: works, unless told otherwise."""
    told = {"tender_no": "T-1", "kind": "works", "mandatory": True, **data}
    told |= {"documents_from": "2026-03-02T09:00:00+08:00", "bid_deadline": f"{OPENING}+08:00"}
    return happened("trading.tender.published", "2026-03-02T09:00:00")._replace(data=told)


def opened(bids: int | None = None, when: str = OPENING) -> Event:
    """The opening, with or without a count."""
    told = {} if bids is None else {"bids": bids}
    return happened("trading.tender.opened", when, 2, **told)


def bid(number: int, verb: str = "recorded", minute: int | None = None, **data: Any) -> Event:
    """The `number`-th firm's bid, recorded so many minutes after the opening."""
    at = local(OPENING) + timedelta(minutes=number + 1 if minute is None else minute)
    told = {"bid_no": f"B-{number}", "bidder": FIRMS[number], **data}
    return happened(f"trading.bid.{verb}", at, 10 + number, **told)


def whole(letter: str) -> dict[str, Any]:
    """Marks of every kind that the rules compare, all a bidder's own."""
    return {
        "creation_ids": [mark(letter)],
        "certificates": [mark(letter)],
        "accounts": [mark(letter)],
        "bond_form": "transfer",
        "bond_accounts": [mark(letter)],
    }


def rows_of(events: Sequence[Event]) -> dict[str, Any]:
    """What is gathered of events in their own order."""
    rows: dict[str, Any] = {}
    for event in sorted(events, key=lambda event: event.order):
        gather(rows, event)
    return rows


def told(rule: str, *bids: Event, count: int | None = None, more: Sequence[Event] = ()) -> Outcome:
    """What a shipped rule's detector says of opened bids."""
    (found,) = LAW.book.by_id[rule]
    survey: Any = DETECTORS[found.detector]  # type: ignore[union-attr]
    rows = rows_of([opened(len(bids) if count is None else count), *bids, *more])
    outcome: Outcome = survey.evaluate(rows, found.parameters)  # type: ignore[union-attr]
    return outcome


def leads(dossier: Dossier) -> list[tuple[str, int, int, Mapping[str, Any]]]:
    """What stands under the rules on bid rigging: rule, occurrence, since when, evidence."""
    return sorted(
        ((check.rule, check.occurrence, check.at, check.evidence) for check in found(dossier)),
        key=lambda lead: lead[:2],
    )


def found(dossier: Dossier) -> list[Check]:
    """The checks under the rules on bid rigging that found something."""
    return [
        check
        for check in dossier.checks
        if check.rule.startswith("CN40") and check.verdict == "violated"
    ]
