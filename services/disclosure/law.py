"""Which rules of the installation make a public overdue fact.

Read once at start; a pack that can't be read stops the start.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from libs.common.events import owner
from libs.common.law.pack import load, packs_in
from libs.common.law.rule import Deadline

PACKS: Final = ("national", "local")
MATTERS: Final = ("approval", "trading")


def public_deadlines(rules: Path) -> Mapping[str, str]:
    """Rule id → matter (`approval`, `trading`) of each public maximum limit in the folder `rules`.

    Minimum periods, guards and patterns are no overdue facts, whatever a finding says of itself.

    Raises:
        PackError: a file is wrong; names file, line and field.
    """
    found = {}
    for rule in load(packs_in(rules, *PACKS)).rules:
        if isinstance(rule, Deadline) and rule.public:
            matter = owner(rule.start[0])
            if matter in MATTERS:
                found[rule.id] = matter
    return found
