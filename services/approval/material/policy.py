"""What of a checklist was handed in, and when what was tolerated as missing is complete.

Pure: no database, no clock. Must never decide that a material is good enough: people do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from libs.common.events.contracts.approval import CaseAccepted, CaseMaterialsCompleted
from services.approval.case.policy import State

OPEN: Final = frozenset({State.RECEIVED, State.SUPPLEMENTING, State.ACCEPTED, State.PAUSED})
"""Where a case still takes materials in: before its decision."""


class File(Protocol):
    """A file that was handed in, as far as it matters here."""

    @property
    def wanted(self) -> str:
        """What it was handed in as."""

    @property
    def stands(self) -> bool:
        """Not withdrawn."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A material of the item's checklist. `key` is what a file handed in for it bears."""

    key: str
    name: str
    code: str | None = None
    required: bool = True
    copies: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A material of the checklist, or one beside it, with what was handed in for it."""

    wanted: Wanted
    listed: bool
    files: tuple[File, ...]

    @property
    def there(self) -> bool:
        """Whether a file stands for it."""
        return any(file.stands for file in self.files)

    @property
    def missing(self) -> bool:
        """Whether it is required and nothing stands for it."""
        return self.listed and self.wanted.required and not self.there


def wanted_of(materials: Sequence[Mapping[str, Any]]) -> list[Wanted]:
    """The checklist that an item's version has in its `materials`."""
    return [
        Wanted(
            key=one.get("code") or one["name"],
            name=one["name"],
            code=one.get("code"),
            required=one.get("required", True),
            copies=one.get("copies"),
        )
        for one in materials
    ]


def key_of(checklist: Sequence[Wanted], said: str) -> str:
    """What a file bears that was handed in as `said`: a code or name of the list, or that text."""
    for one in checklist:
        if said in {one.code, one.name}:
            return one.key
    return said


def lines(checklist: Sequence[Wanted], handed: Sequence[File]) -> list[Line]:
    """The checklist in its order, then what was handed in beside it."""
    by_key: dict[str, list[File]] = {one.key: [] for one in checklist}
    beside = [file for file in handed if file.wanted not in by_key]
    for file in handed:
        by_key.setdefault(file.wanted, []).append(file)
    names = dict.fromkeys(file.wanted for file in beside)
    return [
        *(Line(one, listed=True, files=tuple(by_key[one.key])) for one in checklist),
        *(
            Line(Wanted(name, name, required=False), listed=False, files=tuple(by_key[name]))
            for name in names
        ),
    ]


def completes(
    history: Sequence[Sequence[Any]], checklist: Sequence[Wanted], handed: Sequence[File]
) -> bool:
    """Whether materials tolerated as missing at acceptance (容缺受理) are all there now.

    Said once; and never without a checklist, which alone tells what was missing.
    """
    tolerated = any(
        kind == CaseAccepted.event_type and data.get("tolerant") for kind, _, data in history
    )
    told = any(kind == CaseMaterialsCompleted.event_type for kind, _, _ in history)
    missing = any(line.missing for line in lines(checklist, handed))
    return bool(tolerated and not told and checklist and not missing)
