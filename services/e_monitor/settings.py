"""What an installation of the monitor sets, from the environment (`MONITOR_…`)."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.common.db.engine import service_dsn
from libs.common.law.fold import Fold
from libs.common.law.installed import RULES, installed_law
from services.e_monitor.check import DETECTORS


class Settings(BaseSettings):
    """Database and law. `packs` empty means the national and local packs of `rules`."""

    model_config = SettingsConfigDict(env_prefix="MONITOR_", frozen=True)

    dsn: str = Field(default_factory=lambda: service_dsn("monitor", os.environ))
    pool_size: int = Field(8, ge=1, le=100)
    zone: str = "Asia/Shanghai"
    calendar: str = "cn"
    rules: Path = RULES
    packs: tuple[Path, ...] = ()

    def law(self) -> Fold:
        """The law to watch by. Raises PackError or CalendarError when a file is wrong."""
        return installed_law(
            self.zone,
            packs=self.packs,
            calendar=self.calendar,
            rules=self.rules,
            detectors=DETECTORS,
        )
