"""What an installation sets, from the environment (`TRADING_…`).

Must never have a default that lets anyone in: without the demonstration nobody is known.
"""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.common.db.engine import service_dsn
from services.resource_trading.actor import Actor, Duty, Identify, loopback_only, nobody

ROOT = Path(__file__).parents[2]


class Settings(BaseSettings):
    """Address, database, law and, for the demonstration only, who acts."""

    model_config = SettingsConfigDict(env_prefix="TRADING_", frozen=True)

    dsn: str = Field(default_factory=lambda: service_dsn("trading", os.environ))
    pool_size: int = Field(8, ge=1, le=100)
    host: str = "127.0.0.1"
    rules: Path = ROOT / "rules"
    zone: str = "Asia/Shanghai"
    demo: bool = False
    demo_post: str = "demo-centre-1"
    demo_office: str = "demo-centre"
    demo_region: str = "990100"
    demo_duties: frozenset[Duty] = frozenset({"tenderer", "centre"})

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone in which days are counted."""
        return ZoneInfo(self.zone)

    def identify(self) -> Identify:
        """How this installation knows who asks."""
        if not self.demo:
            return nobody
        actor = Actor(self.demo_post, self.demo_office, self.demo_region, self.demo_duties)
        return loopback_only(actor, self.host)
