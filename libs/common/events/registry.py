"""Which event types exist, who owns them and what they carry.

Only this module decides which topic an event type belongs to. A type nobody declared is not an
error when reading: the event is kept with its data as it came.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final

from libs.common.events.contracts import (
    approval,
    disclosure,
    monitor,
    organisation,
    registry,
    trading,
)
from libs.common.events.payload import ContractError, Payload

TOPICS: Final = ("approval", "trading", "registry", "monitor", "disclosure")
"""One topic per owner; `registry` is owned by the monitor's intake."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

_UPCASTERS: Final[Mapping[str, tuple[str, Upcaster]]] = {}
"""Old type → (newer type, how its data becomes the newer's). Kept for ever."""


def _declared(module: ModuleType) -> list[type[Payload]]:
    found = [
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, Payload)
        and member.event_type
        and member.__module__ == module.__name__
    ]
    return sorted(found, key=lambda model: inspect.getsourcelines(model)[1])


def _load() -> dict[str, type[Payload]]:
    models: dict[str, type[Payload]] = {}
    for module in (approval, organisation, trading, registry, monitor, disclosure):
        for rank, model in enumerate(_declared(module), start=1):
            if model.event_type in models:
                raise ContractError(f"{model.event_type} is declared twice")
            model.rank = rank
            models[model.event_type] = model
    return models


CONTRACTS: Final[Mapping[str, type[Payload]]] = _load()
RANKS: Final[Mapping[str, int]] = {name: model.rank for name, model in CONTRACTS.items()}


def owner(event_type: str) -> str:
    """The service or intake that owns a type: the third part of its name.

    Raises:
        ContractError: the name is not of the form cn.sunlight.<owner>.<noun>.<verb>.v<n>.
    """
    parts = event_type.split(".")
    if len(parts) != 6 or parts[:2] != ["cn", "sunlight"] or parts[2] not in TOPICS:
        raise ContractError(
            f"{event_type!r} is no event type of ours: expected "
            "cn.sunlight.<approval|trading|registry|monitor|disclosure>.<noun>.<verb>.v<n>"
        )
    return parts[2]


def upcast(event_type: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Bring data of an older version to the newest, step by step.

    Raises:
        ContractError: the data is not what the older version carried.
    """
    while event_type in _UPCASTERS:
        newer, change = _UPCASTERS[event_type]
        try:
            data = change(data)
        except (LookupError, TypeError, ValueError) as error:
            raise ContractError(f"{event_type} can't be brought to {newer}: {error!r}") from error
        event_type = newer
    return event_type, data
