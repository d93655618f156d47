"""What an installation of the monitor sets, from the environment (`MONITOR_…`)."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.common.db.engine import service_dsn
from libs.common.identity.access import Access
from libs.common.law.fold import Fold
from libs.common.law.installed import RULES, installed_law
from services.e_monitor.check import DETECTORS, KNOWN
from services.e_monitor.check.allowance import allowing
from services.e_monitor.intake.sources import IntakeSettings


class Settings(Access):
    """Address, database, law and, for the demonstration only, who looks.

    `packs` empty means the national and local packs of `rules`.
    """

    model_config = SettingsConfigDict(env_prefix="MONITOR_", frozen=True)

    dsn: str = Field(default_factory=lambda: service_dsn("monitor", os.environ))
    pool_size: int = Field(8, ge=1, le=100)
    zone: str = "Asia/Shanghai"
    calendar: str = "cn"
    rules: Path = RULES
    packs: tuple[Path, ...] = ()
    demo_post: str = "demo-supervisor-1"
    demo_office: str = "demo-supervision"

    def law(self) -> Fold:
        """The law to watch by, with what each foreign system is granted.

        Raises:
            PackError, CalendarError: a file is wrong.
        """
        law = installed_law(
            self.zone,
            packs=self.packs,
            calendar=self.calendar,
            rules=self.rules,
            detectors=DETECTORS,
            known=KNOWN,
        )
        return allowing(law, IntakeSettings().allowances)
