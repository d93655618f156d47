"""What the item's version says of a new case: its type, its limits, whether a document follows.

Must never let a request say otherwise than the version that holds on the day of receipt.
"""

from __future__ import annotations

from typing import Any

from libs.common.web.errors import Invalid
from services.approval.case.schemas import Receive
from services.approval.item.policy import TERMS, Listed


def terms_of(body: Receive, item: Listed) -> dict[str, Any]:
    """The values of `TERMS` that hold for the case, and its `item_version`.

    What the version leaves open (it may not say whether a document is delivered) is as typed.

    Raises:
        Invalid: the item is unknown or withdrawn, or a value contradicts it; names each.
    """
    typed = {name: getattr(body, name) for name in TERMS}
    if item.withdrawn:
        raise _wrong("item_code", "该事项已取消,不能申请", "this item was withdrawn")
    if item.version is None:
        if item.listed:
            en = "the catalogue has no such item on the day of receipt"
            raise _wrong("item_code", "事项目录在收件当天没有该编码", en)
        if body.item_type is None:
            raise _wrong("item_type", "必填", "Field required")
        return {**typed, "item_version": None}
    known = {name: value for name, value in item.terms.items() if value is not None}
    against = [
        (f"/{name}", _against(value))
        for name, value in known.items()
        if name in body.model_fields_set and typed[name] not in {None, value}
    ]
    if against:
        raise Invalid(errors=against)
    return {**typed, **known, "item_version": item.version}


def _against(value: Any) -> dict[str, str]:
    return {"zh": f"与事项目录不符,目录为 {value}", "en": f"the catalogue says {value}"}


def _wrong(name: str, zh: str, en: str) -> Invalid:
    return Invalid(errors=[(f"/{name}", {"zh": zh, "en": en})])
