"""Options and arguments that several commands take, each with one name, meaning and help.

Must never load what a command needs to run: every command's help comes from here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sunlight.commands.language import say

Json = Annotated[bool, typer.Option("--json", help=say("以 JSON 打印", "print JSON"))]
Data = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help=say(
            "sunlight up 的数据文件夹(不设 DATABASE_URL 时)",
            "data folder of `sunlight up` (without DATABASE_URL)",
        ),
    ),
]
CalendarName = Annotated[
    str, typer.Option(metavar="cn|mon-fri|FILE", help=say("工作日历", "working-day calendar"))
]
Recordings = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE",
        help=say("XES、CSV、JSON、JSONL,可为 .gz", "XES, CSV, JSON, JSONL, also .gz"),
    ),
]
Mapping = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE",
        help=say("对应关系:自带名称或 YAML 文件", "a shipped mapping's name, or a YAML file"),
    ),
]
Out = Annotated[
    Path, typer.Option(metavar="DIR", help=say("结果写到哪个文件夹", "folder for the results"))
]
