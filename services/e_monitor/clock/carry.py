"""What was told of a subject, taken over when it is folded anew. Pure.

A refolded dossier knows only what happened; what was reported of the old one decides what is to
be told anew and what no longer holds.
"""

from __future__ import annotations

from libs.common.law.clock import Clock
from libs.common.law.dossier import Check, Dossier


def carry_standing(old: Dossier, new: Dossier) -> list[tuple[str, int]]:
    """Take over to a refolded dossier what was reported of the old one.

    The (rule id, occurrence) of what a late event or a changed law made vanish is returned: what
    stood on it no longer holds. Versions of a rule count their occurrences together.
    """
    vanished = []
    heirs: list[Clock | Check] = [*new.clocks, *new.checks]
    found = {(heir.rule.partition("@")[0], heir.occurrence): heir for heir in heirs}
    earlier: list[Clock | Check] = [*old.clocks, *old.checks]
    for reported in earlier:
        if reported.standing is None:
            continue
        place = (reported.rule.partition("@")[0], reported.occurrence)
        heir = found.get(place)
        if heir is None:
            vanished.append(place)
        else:
            heir.standing = reported.standing
    return vanished


def carry_reminders(old: Dossier, new: Dossier) -> list[tuple[str, int]]:
    """Take over which clocks were reminded of; the (rule id, occurrence) of those that vanished."""
    heirs = {(heir.rule.partition("@")[0], heir.occurrence): heir for heir in new.clocks}
    vanished = []
    for clock in old.clocks:
        place = (clock.rule.partition("@")[0], clock.occurrence)
        if clock.reminded is None:
            continue
        if place in heirs:
            heirs[place].reminded = clock.reminded
        else:
            vanished.append(place)
    return vanished
