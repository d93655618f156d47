"""What an installation sets, from the environment (`DISCLOSURE_…`).

Must never hold a secret: everything this service shows is public.
"""

import os
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.common.db.engine import service_dsn
from libs.common.identity.access import Access
from libs.common.web.settings import ServiceSettings

Duty = Literal["publisher"]
"""公开 withdraws what should no longer be public."""


class Settings(ServiceSettings, Access):
    """Database, law, the city's region, who may withdraw, and how the public knows the site.

    `public_url` (scheme and host, no path) goes into feeds and open data; empty: as asked for.
    `fresh_seconds`: how long a page made once is given to all who ask for the same; 0: never.
    `ocid_prefix`: the city's registered prefix of Open Contracting ids.
    `case_lookup`: the path that answers a case number and its query code; empty: there is none.
    """

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_", frozen=True)

    dsn: str = Field(default_factory=lambda: service_dsn("disclosure", os.environ))
    region: str = "990100"
    public_url: str = Field("", pattern=r"^(https?://[^/\s]+)?$")
    fresh_seconds: float = Field(1.0, ge=0, le=60)
    ocid_prefix: str = Field("ocds-213czf", pattern=r"^ocds-[a-z0-9]{6}$")
    case_lookup: str = Field("", pattern=r"^(/[a-z][a-z/-]*)?$")
    demo_post: str = "demo-publisher-1"
    demo_office: str = "demo-office"
    demo_duties: frozenset[Duty] = frozenset({"publisher"})
