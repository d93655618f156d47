"""What the disclosure service does with events. Composition only."""

from libs.common.bus.batch import Handler
from services.disclosure.law import public_deadlines
from services.disclosure.record.handlers import RecordHandler
from services.disclosure.settings import Settings


def handler(settings: Settings) -> Handler:
    """The handler for a consumer named `disclosure`."""
    return RecordHandler(
        deadlines=public_deadlines(settings.rules),
        zone=settings.zone_info,
        region=settings.region,
    )
