"""What an installation sets, from the environment (`DISCLOSURE_…`).

Must never hold a secret: everything this service shows is public.
"""

import os

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.common.db.engine import service_dsn
from libs.common.web.settings import ServiceSettings


class Settings(ServiceSettings):
    """Database, law, the city's region, and the address under which the public knows the site.

    `public_url` (scheme and host, no path) goes into feeds and open data; empty: as asked for.
    """

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_", frozen=True)

    dsn: str = Field(default_factory=lambda: service_dsn("disclosure", os.environ))
    region: str = "990100"
    public_url: str = Field("", pattern=r"^(https?://[^/\s]+)?$")
