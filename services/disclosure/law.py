"""Which rules of the installation make a public overdue fact.

Read once at start; a pack that can't be read stops the start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from libs.common.events import owner
from libs.common.law.pack import load, packs_in
from libs.common.law.rule import Deadline
from libs.common.web.errors import Bilingual

PACKS: Final = ("national", "local")
MATTERS: Final = ("approval", "trading")


def public_deadlines(rules: Path) -> Mapping[str, str]:
    """Rule id → matter (`approval`, `trading`) of each public maximum limit in the folder `rules`.

    Minimum periods, guards and patterns are no overdue facts, whatever a finding says of itself.

    Raises:
        PackError: a file is wrong; names file, line and field.
    """
    return {
        rule.id: owner(rule.start[0])
        for rule in load(packs_in(rules, *PACKS)).rules
        if isinstance(rule, Deadline) and rule.public and owner(rule.start[0]) in MATTERS
    }


@dataclass(frozen=True, slots=True)
class Limit:
    """What a limit is called, and its ground: law and article, `行政许可法 42(1)`."""

    title: Bilingual
    ground: str


@cache
def limits(rules: Path) -> Mapping[str, Limit]:
    """Rule id → what the public is told of it, as the newest version says.

    Raises:
        PackError: a file is wrong; names file, line and field.
    """
    found = sorted(load(packs_in(rules, *PACKS)).rules, key=lambda rule: rule.effective.from_)
    return {
        rule.id: Limit(
            {"zh": rule.title.zh, "en": rule.title.en}, f"{rule.law.text} {rule.law.article}"
        )
        for rule in found
        if isinstance(rule, Deadline) and rule.public
    }
