"""What an installation sets, from the environment (`TRADING_…`)."""

import os

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.common.db.engine import service_dsn
from libs.common.identity.access import Access
from libs.common.web.settings import ServiceSettings
from services.resource_trading.actor import Duty, Reading


class Settings(ServiceSettings, Access):
    """Address, database, law and, for the demonstration only, who acts."""

    model_config = SettingsConfigDict(env_prefix="TRADING_", frozen=True)

    dsn: str = Field(default_factory=lambda: service_dsn("trading", os.environ))
    demo_post: str = "demo-centre-1"
    demo_office: str = "demo-centre"
    demo_duties: frozenset[Duty | Reading] = frozenset({"tenderer", "centre", "tender.read"})
