"""The bids of a tender in the made-up city: who offered what, and what their files and bonds show.

Pure. Must be told of only after the opening. The numbers of files and accounts are invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from uuid import UUID

from sunlight.city.dice import dice
from sunlight.city.offices import ENTERPRISES
from sunlight.city.stories import CLEAN, COLLUDING

STRANGERS: Final = 3
"""How many bidders of the story have files of one making and bonds from one account."""
GUARANTOR: Final = "990100 8800 0000 0001"


@dataclass(frozen=True, slots=True)
class Offer:
    """One bid: amount in fen; file ids and account as the opening's log has them."""

    number: str
    bidder: str
    amount: int
    files: tuple[str, ...]
    account: str
    shared: bool = False


def offers(tender: str, price: int) -> list[Offer]:
    """The bids on a tender of that estimated price, three to nine; the stories have five."""
    draw = dice("bids", tender)
    ending = tender.rsplit("-", 1)[1]
    planted = ending in {COLLUDING, CLEAN}
    bidders = draw.sample(ENTERPRISES, 5 if planted else draw.randint(3, 9))
    plain = [_offer(place, bidder, price, draw) for place, bidder in enumerate(bidders, start=1)]
    if ending == COLLUDING:
        return [_alike(offer, plain[0]) for offer in plain[:STRANGERS]] + plain[STRANGERS:]
    if ending == CLEAN:
        return [_from_one_form(offer, template(tender)) for offer in plain]
    return plain


def template(tender: str) -> str:
    """The creation id of the tenderer's own documents."""
    return _file(dice("template", tender))


def told(made: Sequence[Offer], tender: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The steps that put the bids on record: the tenderer's own file, then each bid."""
    yield "mark-documents", {"creation_ids": [{"value": template(tender)}]}
    for offer in made:
        yield "record-bid", _body(offer)


def _offer(place: int, bidder: str, price: int, draw: Random) -> Offer:
    amount = price * draw.randint(8800, 9900) // 10_000
    account = f"990100 {draw.randrange(10**8):08d} {draw.randrange(10**4):04d}"
    return Offer(f"TB-{place:02d}", bidder, amount, (_file(draw),), account)


def _file(draw: Random) -> str:
    return str(UUID(int=draw.getrandbits(128), version=4))


def _alike(offer: Offer, first: Offer) -> Offer:
    """The story: made where the first was made, its bond paid by whom the first's was."""
    return Offer(offer.number, offer.bidder, offer.amount, first.files, first.account)


def _from_one_form(offer: Offer, form: str) -> Offer:
    """The twin: on the tenderer's form, its bond through a guarantor who serves everyone."""
    files = (*offer.files, form)
    return Offer(offer.number, offer.bidder, offer.amount, files, GUARANTOR, shared=True)


def _body(offer: Offer) -> dict[str, Any]:
    return {
        "bid_no": offer.number,
        "bidder": offer.bidder,
        "amount": offer.amount,
        "bond_form": "transfer",
        "creation_ids": [{"value": value} for value in offer.files],
        "bond_accounts": [{"value": offer.account, "shared": offer.shared}],
    }
