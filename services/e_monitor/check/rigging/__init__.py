"""Detectors of bid rigging (串通投标线索), one file each; `RIGGING` maps names to surveys.

They give leads with evidence and never a verdict: art. 40 presumes, people establish. Every one
looks at opened bids only, and at one lot at a time.
"""

from collections.abc import Mapping
from typing import Final

from libs.common.law.survey import Survey
from services.e_monitor.check.rigging.bids import gather
from services.e_monitor.check.rigging.same_bond_account import same_bond_account
from services.e_monitor.check.rigging.same_certificate import same_certificate
from services.e_monitor.check.rigging.same_file import same_file

RIGGING: Final[Mapping[str, Survey]] = {
    "same_file": Survey(gather, same_file),
    "same_certificate": Survey(gather, same_certificate),
    "same_bond_account": Survey(gather, same_bond_account),
}
