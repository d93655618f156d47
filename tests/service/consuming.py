"""A batch of events, applied to a service's database as its worker does."""

from collections.abc import Sequence

from libs.common.bus.batch import Application, Handler, Number, PoisonedError, Tally, read_batch
from libs.common.bus.protocol import Incoming, partition_of
from libs.common.bus.subjects import acquired
from libs.common.db.engine import pool
from libs.common.events import Event, encode, owner


async def consume(dsn: str, service: str, handler: Handler, events: Sequence[Event]) -> Tally:
    """Apply one batch in one transaction; an event that can't be handled is set aside."""
    records = [
        Incoming(owner(event.type), partition_of(event.subject), n, event.subject, encode(event))
        for n, event in enumerate(events)
    ]
    poison: dict[Number, str] = {}
    connections = await pool(dsn, service, max_size=1)
    try:
        while True:
            try:
                async with acquired(connections) as connection, connection.transaction():
                    application = Application(handler.begin({}), poison)
                    return await application.run(connection, read_batch(records))
            except PoisonedError as error:
                poison[error.number] = error.told
    finally:
        await connections.close()
