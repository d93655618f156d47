"""The approval service as a registrar of the city's bureau sees it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.common.identity.actor import loopback_only
from libs.common.law.fold import Fold
from services.approval.app import create_app
from services.approval.settings import Settings
from tests.service.approval.registry import REGISTRAR
from tests.service.desk import calling


@pytest.fixture
async def registry(dsn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the service, acting as REGISTRAR."""
    app = create_app(
        Settings(dsn=dsn, pool_size=4), law=law, identify=loopback_only(REGISTRAR, "127.0.0.1")
    )
    async with calling(app, "http://city.test/api/approval/v1") as caller:
        yield caller
