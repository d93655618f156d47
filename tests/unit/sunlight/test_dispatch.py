"""Which service answers an address when all run in one process."""

import pytest

from libs.common.db.engine import SERVICES
from sunlight.api import service_of

ALL = dict.fromkeys(SERVICES)


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "disclosure"),
        ("/cases/990100-20260302-00000001", "approval"),
        ("/cases", "approval"),
        ("/feeds/tenders.atom", "disclosure"),
        ("/windows", "disclosure"),
        ("/static/app.css", "disclosure"),
        ("/window", "approval"),
        ("/window/cases/1", "approval"),
        ("/trading", "trading"),
        ("/monitor/why/case/1/APV-010", "monitor"),
        ("/api/approval/v1/cases", "approval"),
        ("/api/trading/openapi.json", "trading"),
        ("/api/monitor/v1/events", "monitor"),
        ("/api/disclosure/v1/records", "disclosure"),
        ("/api/nobody/v1", "disclosure"),
        ("/api", "disclosure"),
    ],
)
def test_an_address_goes_to_its_service_and_the_rest_to_the_public_site(
    path: str, service: str
) -> None:
    assert service_of(path, ALL) == service
