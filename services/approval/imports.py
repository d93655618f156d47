"""What importing the organisation and the catalogue of items have in common.

A record is accepted, a duplicate of what stands, or rejected with its line, field, value and
reason: nothing is dropped in silence. Must never open a file: the caller reads it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from libs.common.web.validation import sentence

REGISTRAR: Final = "registrar"
"""The duty of a post that keeps the organisation and the catalogue of items (登记)."""
_SHOWN: Final = 80
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
M = TypeVar("M", bound=BaseModel)


class Record(NamedTuple):
    """One record of a file: the line it begins on, from 1, and its fields as they stand there."""

    line: int
    fields: Mapping[str, Any]


class Fault(NamedTuple):
    """Why something can't be taken: the field, and the reason in both languages."""

    field: str
    zh: str
    en: str


class Reject(NamedTuple):
    """A record that was not taken: its line, the field and value at fault, and why."""

    line: int
    field: str
    value: str
    zh: str
    en: str


@dataclass(slots=True)
class Outcome:
    """What an import did: read = accepted + rejected + duplicates.

    `accepted` are `created` or `changed`; `remarks` what was taken but deserves a look.
    """

    read: int = 0
    created: int = 0
    changed: int = 0
    duplicates: int = 0
    rejects: list[Reject] = field(default_factory=list)
    remarks: dict[str, int] = field(default_factory=dict)

    @property
    def accepted(self) -> int:
        """Records that changed something."""
        return self.created + self.changed

    def reject(self, record: Record, fault: Fault) -> None:
        """Note a record that can't be taken."""
        value = record.fields.get(fault.field.partition("/")[0], "")
        self.rejects.append(Reject(record.line, fault.field, shown(value), fault.zh, fault.en))

    def counts(self) -> dict[str, int]:
        """The numbers alone, as printed."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "created": self.created,
            "changed": self.changed,
            "duplicates": self.duplicates,
            "rejected": len(self.rejects),
        }


def shown(value: Any) -> str:
    """The beginning of a value, on one line and without control characters."""
    text = "" if value is None else str(value)[: _SHOWN * 2]
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_SHOWN].strip()


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run a cell that holds `text`; signed numbers are none."""
    if not text.startswith(_FORMULA):
        return False
    return not (text[0] in "+-" and text[1:].replace(".", "", 1).isdecimal())


def parsed(model: type[M], record: Record, outcome: Outcome) -> M | None:
    """The record as `model`; None, and rejects noted, when a value can't be taken.

    Values are text as files have them, so numbers and days are read from text here.
    """
    for name, value in _texts(record.fields):
        if is_formula(value):
            zh, en = "看起来是表格公式,不予导入", "looks like a spreadsheet formula"
            outcome.reject(record, Fault(name, zh, en))
            return None
    try:
        return model.model_validate(dict(record.fields), strict=False)
    except ValidationError as error:
        # What is wrong with a code explains what is wrong with all that is read from it.
        faults = error.errors(include_url=False)
        first: dict[str, Any] = dict(min(faults, key=lambda one: one["loc"][:1] != ("code",)))
        place = "/".join(str(part) for part in first["loc"]) or "-"
        outcome.reject(record, Fault(place, sentence(first, "zh"), sentence(first, "en")))
        return None


def _texts(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        members = value if isinstance(value, list) else [value]
        for member in members:
            if isinstance(member, str):
                yield name, member
            elif isinstance(member, Mapping):
                yield from ((name, text) for text in member.values() if isinstance(text, str))
