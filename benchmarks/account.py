"""Where the worker's time goes, part by part: its own processor time, and the time it waited.

Wraps the parts of the consumer's path while a worker runs. Coroutines are timed step by step, so
that what other tasks do meanwhile is not counted as theirs.
"""

from __future__ import annotations

import contextlib
import functools
import time
import types
from collections.abc import Callable, Coroutine, Generator, Iterator
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, Final

import orjson

from libs.common.bus import batch, consumer, embedded, subjects
from services.e_monitor.clock import handlers, repository
from services.e_monitor.finding import service as finding_service
from services.e_monitor.match.handlers import Joins

PARTS: Final[tuple[tuple[str, Any, str], ...]] = (
    ("fetch", embedded.EmbeddedSource, "fetch"),
    ("decode", consumer, "read_batch"),
    ("positions", subjects, "advance"),
    ("lock and read subjects", subjects, "lock"),
    ("fold", handlers.MonitorEffects, "apply"),
    ("judge", handlers.MonitorEffects, "_settle"),
    ("write observations", repository, "observe"),
    ("write findings", finding_service, "settle"),
    ("write joins", Joins, "write"),
    ("write subjects", subjects, "save"),
    ("time passing, whole", handlers.MonitorHandler, "sweep"),
    ("batch, whole", batch.Application, "run"),
    ("transaction, whole", consumer.Consumer, "_attempt"),
)
"""Name, owner and attribute of each part."""
CONTAINERS: Final = frozenset({"time passing, whole", "batch, whole", "transaction, whole"})
"""Parts that contain others."""


@dataclass(slots=True)
class Spent:
    """Seconds: on the processor, and from beginning to end."""

    processor: float = 0.0
    elapsed: float = 0.0
    calls: int = 0


@dataclass(slots=True)
class Account:
    """What each part has spent."""

    parts: dict[str, Spent] = field(default_factory=dict)
    began: float | None = None

    def wrapped(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, timed under `name`."""
        spent = self.parts.setdefault(name, Spent())
        if iscoroutinefunction(function):

            @functools.wraps(function)
            async def timed(*args: Any, **named: Any) -> Any:
                started = time.perf_counter()
                try:
                    return await _stepped(function(*args, **named), spent)
                finally:
                    spent.elapsed += time.perf_counter() - started
                    spent.calls += 1

            return timed

        @functools.wraps(function)
        def direct(*args: Any, **named: Any) -> Any:
            if self.began is None:  # decoding comes first: what was before is starting
                self.began = time.process_time()
            started = time.thread_time()
            try:
                return function(*args, **named)
            finally:
                took = time.thread_time() - started
                spent.processor += took
                spent.elapsed += took
                spent.calls += 1

        return direct


@types.coroutine
def _stepped(inner: Coroutine[Any, Any, Any], spent: Spent) -> Generator[Any, Any, Any]:
    """Drive a coroutine, counting the processor time of its own steps only."""
    value: Any = None
    failure: BaseException | None = None
    while True:
        started = time.thread_time()
        try:
            waits_for = inner.send(value) if failure is None else inner.throw(failure)
        except StopIteration as end:
            return end.value
        finally:
            spent.processor += time.thread_time() - started
        value, failure = None, None
        try:
            value = yield waits_for
        except BaseException as error:  # noqa: BLE001 - handed on into the coroutine
            failure = error


@contextlib.contextmanager
def accounting(path: str) -> Iterator[None]:
    """Time every part inside the block, and write the account to `path` as JSON."""
    account = Account()
    for name, owner, attribute in PARTS:
        setattr(owner, attribute, account.wrapped(name, getattr(owner, attribute)))
    yield
    ended = time.process_time()
    body = {
        "process": ended - (ended if account.began is None else account.began),
        "parts": {
            name: {"processor": s.processor, "elapsed": s.elapsed, "calls": s.calls}
            for name, s in account.parts.items()
        },
    }
    Path(path).write_bytes(orjson.dumps(body))
