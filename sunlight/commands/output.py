"""What commands print: data on stdout, progress and remarks on stderr."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import orjson
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from sunlight.commands.language import say


def print_text(text: str) -> None:
    """A text as it is, on stdout."""
    sys.stdout.write(text.rstrip("\n") + "\n")
    sys.stdout.flush()


def print_json(value: Any) -> None:
    """A value as JSON, on stdout."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    print_text(orjson.dumps(value, default=str, option=options).decode())


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows under their columns; cells are never cut off when nobody is looking."""
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, width=250)
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(table)


def quiet_logs() -> None:
    """Only what deserves a person's attention is logged, on stderr: stdout holds data."""
    from libs.common.telemetry.logs import configure_logs

    configure_logs("sunlight", level=logging.WARNING)


def remark(text: str) -> None:
    """A sentence about what is going on, on stderr."""
    sys.stderr.write(text.rstrip("\n") + "\n")
    sys.stderr.flush()


_STAGES: Final = {
    "read": ("读取记录", "records read"),
    "derive": ("整理办件", "subjects sorted"),
    "merge": ("按时间归并", "events merged"),
    "watch": ("逐件计时", "events watched"),
    "write": ("写出结果", "writing"),
}
_QUIET_SECONDS: Final = 5.0
Told = Callable[[str, int, int | None], None]


@contextlib.contextmanager
def progress_bar() -> Iterator[Told]:
    """`progress(stage, done, total)`: bars on a terminal, else a line every few seconds."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def told(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(_stage(stage), total=None)
            bar.update(tasks[stage], completed=done, total=total)

        yield told


def _lines() -> Told:
    last = time.monotonic()

    def told(stage: str, done: int, _total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last > _QUIET_SECONDS:
            last = time.monotonic()
            remark(f"{_stage(stage)} {done:,}")

    return told


def _stage(name: str) -> str:
    return say(*_STAGES.get(name, (name, name)))
