"""Events are the interface: envelope, contract registry and generated documents."""

from libs.common.events.envelope import (
    Event,
    check_data,
    decode,
    encode,
    from_body,
    new_id,
    payload_data,
    recorded_id,
)
from libs.common.events.payload import ContractError, Payload
from libs.common.events.registry import CONTRACTS, RANKS, TOPICS, owner

__all__ = [
    "CONTRACTS",
    "RANKS",
    "TOPICS",
    "ContractError",
    "Event",
    "Payload",
    "check_data",
    "decode",
    "encode",
    "from_body",
    "new_id",
    "owner",
    "payload_data",
    "recorded_id",
]
