"""Which event becomes which public record, on what ground, and what is left out. Pure.

Process facts only, at office level: never a person, a post, a case number or a licence number,
and never a lead. What is not named here is not published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from libs.common.codes import is_credit_code
from libs.common.events import CONTRACTS, Event
from libs.common.events.contracts.approval import (
    CaseAccepted,
    CaseCorrected,
    CaseDecided,
    CaseReceived,
)
from libs.common.events.contracts.trading import (
    AwardCandidatesPublicised,
    AwardContractSigned,
    AwardDecided,
    TenderClarified,
    TenderPublished,
    TenderTerminated,
)
from services.disclosure.persons import names_a_person

LICENCE: Final = "行政许可"
PROCUREMENT: Final = "政府采购法"
_REMEMBERED: Final[Mapping[str, tuple[str, ...]]] = {
    CaseReceived.event_type: ("item_code", "item_type"),
    CaseAccepted.event_type: ("item_type",),
    CaseCorrected.event_type: ("item_code", "item_type"),
    TenderPublished.event_type: ("tender_no",),
}


@dataclass(frozen=True, slots=True)
class Publication:
    """A record before it has a number: its kind, its legal ground, and what it says."""

    kind: str
    ground: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Form:
    """How one event type is published: the fields let through, and under which article.

    `notice` tells notices of one kind apart; `procurement` is the ground under 政府采购法.
    The estimated price is in no form: it may be the sealed base price (招标投标法 22).
    """

    kind: str
    ground: str
    procurement: str
    fields: Mapping[str, str]
    notice: str | None = None


_OPEN: Final = "优化营商环境条例 13"
_PURCHASE: Final = "政府采购法 11"
_FORMS: Final[Mapping[str, _Form]] = {
    TenderPublished.event_type: _Form(
        "tender_notice",
        "招标投标法 16",
        _PURCHASE,
        {
            "lot": "lot",
            "kind": "trade",
            "documents_from": "documents_from",
            "documents_until": "documents_until",
            "bid_deadline": "bid_deadline",
            "bid_bond": "bid_bond",
        },
        notice="published",
    ),
    TenderClarified.event_type: _Form(
        "tender_notice",
        _OPEN,
        _PURCHASE,
        {"affects_preparation": "affects_preparation", "bid_deadline": "bid_deadline"},
        notice="clarified",
    ),
    TenderTerminated.event_type: _Form(
        "tender_notice", "招标投标法实施条例 31", _PURCHASE, {}, notice="terminated"
    ),
    AwardCandidatesPublicised.event_type: _Form(
        "candidates",
        "招标投标法实施条例 54",
        _PURCHASE,
        {
            "lot": "lot",
            "publicity_from": "publicity_from",
            "publicity_until": "publicity_until",
            "candidates": "candidates",
        },
    ),
    AwardDecided.event_type: _Form(
        "award",
        _OPEN,
        "政府采购法实施条例 43",
        {"lot": "lot", "winner": "winner", "award_price": "price"},
    ),
    AwardContractSigned.event_type: _Form(
        "contract", _OPEN, "政府采购法实施条例 50", {"lot": "lot", "contract_price": "price"}
    ),
}


def remembered(known: Mapping[str, Any], event: Event) -> dict[str, Any]:
    """What is known of the event's subject once it has happened: codes that later events omit."""
    told = {
        name: event.data[name]
        for name in _REMEMBERED.get(event.type, ())
        if event.data.get(name) is not None
    }
    return {**known, **told}


def publication(event: Event, known: Mapping[str, Any]) -> Publication | None:
    """The record that `event` makes public, given what is `known` of its subject; None: none.

    Raises:
        ValidationError: the event's data break their contract.
    """
    if event.type == CaseDecided.event_type:
        return _decision(event, known)
    form = _FORMS.get(event.type)
    if form is None:
        return None
    payload = CONTRACTS[event.type].model_validate(event.data)
    told = payload.model_dump(mode="json", include=set(form.fields), exclude_none=True)
    facts = {"tender_no": known.get("tender_no"), "notice": form.notice}
    facts |= {form.fields[name]: value for name, value in told.items()}
    ground = form.procurement if event.regime == PROCUREMENT else form.ground
    return Publication(form.kind, ground, _public(facts))


def _decision(event: Event, known: Mapping[str, Any]) -> Publication | None:
    """行政许可法 art. 40 speaks of granted licences; an unknown type of item is no licence."""
    if event.data.get("outcome") != "granted" or known.get("item_type") != LICENCE:
        return None
    facts = {"item_code": known.get("item_code"), "outcome": "granted"}
    return Publication("decision", f"{LICENCE}法 40", _public(facts))


def _public(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts without what is unknown and without what could name a person."""
    shown: dict[str, Any] = {}
    for name, value in facts.items():
        match name, value:
            case _, None:
                continue
            case "candidates", list():
                shown[name] = [_candidate(item) for item in value]
            case "winner", str() if not is_credit_code(value):
                continue
            case _, str() if names_a_person(value):
                continue
            case _:
                shown[name] = value
    return shown


def _candidate(item: Mapping[str, Any]) -> dict[str, Any]:
    """Rank, price and the body's credit code; any other mark of a party may be a person's."""
    party = item.get("party")
    kept = {name: item[name] for name in ("rank_no", "price") if item.get(name) is not None}
    return {**kept, "party": party} if party and is_credit_code(party) else kept
