"""What an installation sets, from the environment (`DISCLOSURE_…`).

Must never hold a secret: everything this service shows is public.
"""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.common.db.engine import service_dsn

ROOT = Path(__file__).parents[2]


class Settings(BaseSettings):
    """Database, law, the city's region, and the address under which the public knows the site.

    `public_url` (scheme and host, no path) goes into feeds and open data; empty: as asked for.
    """

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_", frozen=True)

    dsn: str = Field(default_factory=lambda: service_dsn("disclosure", os.environ))
    pool_size: int = Field(8, ge=1, le=100)
    rules: Path = ROOT / "rules"
    zone: str = "Asia/Shanghai"
    region: str = "990100"
    public_url: str = Field("", pattern=r"^(https?://[^/\s]+)?$")

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone in which days and months are counted."""
        return ZoneInfo(self.zone)
