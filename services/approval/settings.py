"""What an installation sets, from the environment (`APPROVAL_…`)."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from libs.common.db.engine import service_dsn
from libs.common.identity.access import Access
from libs.common.web.settings import ServiceSettings
from services.approval.actor import Duty
from services.approval.applicant.mark import Marker

Reading = Literal["case.read", "item.read"]


def _set(value: Any) -> Any:
    """A variable that is there but empty is not set."""
    return None if value == "" else value


Key = Annotated[SecretStr, Field(min_length=32)]


class Settings(ServiceSettings, Access):
    """Address, database, law, a key and, for the demonstration only, who acts.

    `applicant_key`: at least 32 random characters, the same in every process of the service; makes
    the marks by which an applicant's number is found. A new key ends what can be found. `files`:
    the folder of the materials handed in, shared by every process of the service; without one no
    file is taken in. `file_megabytes`: how long one may be.
    """

    model_config = SettingsConfigDict(env_prefix="APPROVAL_", frozen=True)

    dsn: str = Field(default_factory=lambda: service_dsn("approval", os.environ))
    demo_post: str = "demo-window-1"
    demo_office: str = "demo-office"
    demo_duties: frozenset[Duty | Reading] = frozenset(
        {"window", "approver", "case.read", "item.read"}
    )
    files: Path | None = None
    file_megabytes: Annotated[int, Field(ge=1, le=1024)] = 50
    applicant_key: Annotated[Key | None, BeforeValidator(_set)] = None

    def marker(self) -> Marker | None:
        """What makes marks of numbers; None where no key is set: then none is taken in."""
        if self.applicant_key is None:
            return None
        return Marker(self.applicant_key.get_secret_value().encode())
