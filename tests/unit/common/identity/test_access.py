"""Settings let nobody in unless the demonstration is asked for, and then its own post alone."""

import pytest
from starlette.requests import Request

from libs.common.web.errors import Unauthenticated
from services.approval.settings import Settings as Approval
from services.resource_trading.settings import Settings as Trading

HERE = Request({"type": "http", "headers": [], "client": ("127.0.0.1", 1234)})
SERVICES = pytest.mark.parametrize("settings", [Approval, Trading])


@SERVICES
async def test_settings_let_nobody_in_unless_the_demonstration_is_asked_for(
    settings: type[Approval | Trading],
) -> None:
    with pytest.raises(Unauthenticated):
        await settings(dsn="postgresql://nowhere").identify()(HERE)


@pytest.mark.parametrize(
    ("settings", "prefix", "post", "duties"),
    [
        (Approval, "APPROVAL_", "demo-window-1", frozenset({"window", "approver"})),
        (Trading, "TRADING_", "demo-centre-1", frozenset({"tenderer", "centre"})),
    ],
)
async def test_the_demonstration_acts_as_the_post_that_the_environment_asks_for(
    monkeypatch: pytest.MonkeyPatch,
    settings: type[Approval | Trading],
    prefix: str,
    post: str,
    duties: frozenset[str],
) -> None:
    monkeypatch.setenv(f"{prefix}DEMO", "1")
    monkeypatch.setenv(f"{prefix}DEMO_REGION", "990200")
    actor = await settings(dsn="postgresql://nowhere").identify()(HERE)
    assert (actor.post, actor.region) == (post, "990200")
    assert {duty for duty in actor.duties if "." not in duty} == duties


@SERVICES
def test_a_duty_that_the_service_does_not_know_is_refused(
    settings: type[Approval | Trading],
) -> None:
    with pytest.raises(ValueError, match="demo_duties"):
        settings.model_validate({"dsn": "postgresql://nowhere", "demo_duties": ["root"]})
