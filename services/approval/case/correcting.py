"""更正登记: what was entered wrong at the receipt is set right, and the law judges anew.

The event says the right values and a reason's code; the reason in words is in the audit row alone.
Must never touch when something arrived, nor an entry of another step.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError

from libs.common.events.contracts.approval import CaseCorrected
from libs.common.law.correction import righted_history
from libs.common.web.errors import Invalid
from libs.common.web.validation import refused
from libs.common.worktime import civil_day
from services.approval.case.command import Step, finish
from services.approval.case.item_terms import terms_of
from services.approval.case.model import Case
from services.approval.case.schemas import Correct, Receive
from services.approval.item import repository as items
from services.approval.item.policy import TERMS, Listed

RECEIPT: Final = 1
"""The sequence of a case's first event, which is its receipt."""
ENTRIES: Final = ("item_code", "item_version", "channel", *TERMS)
"""What of a receipt can be corrected."""
_WITHOUT: Final = {
    "without_statutory_limit": ("statutory_limit", "statutory_unit"),
    "without_promise": ("promised_limit", "promised_unit"),
}

_UNLISTED: Final = Listed(listed=False, version=None, withdrawn=False, terms={})
"""The item of a case that was received before there was a catalogue."""


async def correct_case(step: Step, body: Correct) -> Case:
    """Set entries of the receipt right. Type and limits follow the right item's version.

    Raises:
        Invalid: a value can't stand with the others or with the catalogue, or nothing differs.
    """
    case = step.case
    said = entered(case)
    code = body.item_code or case.item_code
    known = code != case.item_code or case.item_version is not None
    day = civil_day(case.received_at, step.law.zone)
    item = await items.listed_on(step.session, code, day) if known else _UNLISTED
    right = _right(said, body, item)
    changed = {name: right[name] for name in ENTRIES if right[name] not in {None, said[name]}}
    removed = tuple(name for name in ENTRIES if right[name] is None and said[name] is not None)
    if not changed and not removed:
        message = {"zh": "与现有登记没有不同", "en": "nothing differs from what is entered"}
        raise Invalid(errors=[("", message)])
    payload = CaseCorrected(
        corrects=RECEIPT, reason_code=body.reason_code, removed=removed, **changed
    )
    before = {name: said[name] for name in (*changed, *removed)}
    columns = {name: right[name] for name in ("item_code", "item_version", "item_type")}
    detail = {"reason": body.reason, "before": before}
    return await finish(step, payload, changes=columns, detail=detail)


def entered(case: Case) -> dict[str, Any]:
    """What the receipt is taken to say now, of `ENTRIES`; None for what it leaves out."""
    _, _, data = righted_history(case.history)[RECEIPT - 1]
    return {name: data.get(name) for name in ENTRIES}


def _right(said: dict[str, Any], body: Correct, item: Listed) -> dict[str, Any]:
    """The entries as they should be."""
    given = {name: getattr(body, name, None) for name in ENTRIES}
    given = {name: value for name, value in given.items() if value is not None}
    typed = {**_kept(said, given, item), **given}
    for mark, names in _WITHOUT.items():
        if getattr(body, mark):
            typed = {name: value for name, value in typed.items() if name not in names}
    try:
        receipt = Receive.model_validate(typed)
    except ValidationError as error:
        raise refused(error) from error
    return {
        "item_code": receipt.item_code,
        "channel": receipt.channel,
        **terms_of(receipt, item),
    }


def _kept(said: dict[str, Any], given: dict[str, Any], item: Listed) -> dict[str, Any]:
    """What was entered and is not the catalogue's to say: of another item nothing is."""
    other = given.get("item_code", said["item_code"]) != said["item_code"]
    listed = item.version is not None
    ruled = {name for name in TERMS if listed and (other or item.terms.get(name) is not None)}
    # A limit that is given is held against the catalogue with the unit it had, and the reverse.
    halves = {one for pair in _WITHOUT.values() if given.keys() & set(pair) for one in pair}
    dropped = (ruled - (set() if other else halves)) | {"item_version"}
    return {
        name: value for name, value in said.items() if value is not None and name not in dropped
    }
