"""What the models say of the tables is what the migrations make."""

from libs.common.db import migrations
from services.approval import app
from services.approval.tables import METADATA


async def test_models_and_migrations_agree(dsn: str) -> None:
    # The application's imports have filled METADATA.
    assert app.create_app.__module__ == "services.approval.app"
    assert {"body", "window", "post", "tenure", "item_version"} <= METADATA.tables.keys()
    assert await migrations.check(dsn, "approval", METADATA) == []
