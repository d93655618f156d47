"""What another system told, as the payload of a contract event. No input or output.

What does not fit is left out where the contract can do without it. Must never let the number of a
citizen, or a name, pass for a party.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from libs.common.codes import is_resident_id
from libs.common.events import CONTRACTS, ContractError, Payload

_PARTY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{2,59}")


class NotFittingError(ValueError):
    """A payload breaks its contract; `field` is where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def payload_of(kind: str, told: Any, left_out: list[str]) -> Payload:
    """The payload of an event of type `kind`; names of values that were dropped go to `left_out`.

    Raises NotFittingError.
    """
    model = CONTRACTS[kind]
    data = {name: value for name, value in told.items() if not _is_stranger(name, value)}
    if "candidates" in data:
        data["candidates"] = [_candidate(one, left_out) for one in data["candidates"]]
    unknown = [name for name, codes in _codes(model) if data.get(name, codes[0]) not in codes]
    left_out += [*(told.keys() - data.keys()), *unknown]
    known = {name: value for name, value in data.items() if name not in unknown}
    missing = [name for name, one in model.model_fields.items() if one.is_required()]
    if absent := next((name for name in missing if name not in known), None):
        raise NotFittingError(absent, f"{kind}: {absent} is not known, or is nobody's code")
    try:
        return model.model_validate(known).checked()
    except ContractError as error:
        raise NotFittingError("", str(error)) from error
    except ValueError as error:
        raise NotFittingError("", f"{kind}: {error}") from error


def _candidate(candidate: dict[str, Any], left_out: list[str]) -> dict[str, Any]:
    if "party" not in candidate or not _is_stranger("party", candidate["party"]):
        return candidate
    left_out.append("party")
    return {name: value for name, value in candidate.items() if name != "party"}


def _codes(model: type[Payload]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, codes in model.code_fields().items():
        if not model.model_fields[name].is_required():
            yield name, codes.values


def _is_stranger(name: str, value: object) -> bool:
    """Whether a party is told by something else than the code of an organisation."""
    if name not in ("winner", "bidder", "party"):
        return False
    plain = isinstance(value, str) and _PARTY.fullmatch(value) and not is_resident_id(value)
    return not plain
