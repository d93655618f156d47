"""What an installation sets, from the environment (`APPROVAL_…`)."""

import os

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.common.db.engine import service_dsn
from libs.common.identity.access import Access
from libs.common.web.settings import ServiceSettings
from services.approval.actor import Duty


class Settings(ServiceSettings, Access):
    """Address, database, law and, for the demonstration only, who acts."""

    model_config = SettingsConfigDict(env_prefix="APPROVAL_", frozen=True)

    dsn: str = Field(default_factory=lambda: service_dsn("approval", os.environ))
    demo_post: str = "demo-window-1"
    demo_office: str = "demo-office"
    demo_duties: frozenset[Duty] = frozenset({"window", "approver"})
