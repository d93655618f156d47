"""What an installation sets of every service: its database, its law, its zone.

Each service adds its prefix and its DSN. Must never hold a secret of its own.
"""

from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings

from libs.common.law.installed import RULES


class ServiceSettings(BaseSettings):
    """Database, folder of rule packs and calendar, and the zone in which days are counted."""

    dsn: str
    pool_size: int = Field(8, ge=1, le=100)
    rules: Path = RULES
    zone: str = "Asia/Shanghai"

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone in which days are counted."""
        return ZoneInfo(self.zone)
