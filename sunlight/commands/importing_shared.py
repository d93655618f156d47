"""What the imports have in common: their options, and how what was not taken is told.

Must never load what an import needs to run: the help of every import comes from here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from sunlight.commands.language import say

SHOWN: Final = 20
"""Rejects told on the screen; the file of rejects has all of them."""
DryRun = Annotated[
    bool, typer.Option("--dry-run", help=say("只检查,不写入", "check only, write nothing"))
]
Rejects = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help=say("未导入的记录写到这里", "write rejects here (CSV)")),
]


def write_rejects(
    path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, told: str
) -> None:
    """Rejects as CSV. `told` is the column that holds what the file said."""
    from services.approval.imports import is_formula

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            # Rejects are opened with a spreadsheet: nothing in them may run.
            value = row[told]
            writer.writerow({**row, told: f"'{value}" if is_formula(value) else value})


def tell_more(rejects: int) -> None:
    """Say how many rejects were not told on the screen."""
    from sunlight.commands.output import remark

    if (more := rejects - SHOWN) > 0:
        remark(say(f"另有 {more} 条,用 --rejects 写出全部", f"{more} more: --rejects writes all"))


def tell_dry_run() -> None:
    """Say that nothing was written."""
    from sunlight.commands.output import print_text

    print_text(say("仅检查,未写入", "checked only, nothing written"))
