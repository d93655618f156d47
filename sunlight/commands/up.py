"""`sunlight up`: database, API and worker on one machine, with one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sunlight.commands.language import say

HELP = say(
    "一条命令启动整个平台:数据库、API、后台各一个进程。",
    "Start the whole platform: database, API and worker, one process each.",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up", help=HELP)(up)


def up(
    *,
    data: Annotated[
        Path, typer.Option(metavar="DIR", help=say("数据文件夹", "data folder"))
    ] = Path("var/sunlight"),
    port: Annotated[
        int, typer.Option(min=1, max=65535, metavar="N", help=say("端口", "port"))
    ] = 8000,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help=say(
                "监听地址;不是本机时演示身份关闭",
                "address to listen on; beyond loopback the demonstration's identity is off",
            ),
        ),
    ] = "127.0.0.1",
    demo: Annotated[
        bool | None,
        typer.Option(
            "--demo/--no-demo",
            help=say(
                "演示:虚构的城市和自己的时钟(新建的内嵌数据库默认是)",
                "a made-up city with a clock of its own (default for a new embedded database)",
            ),
        ),
    ] = None,
) -> None:
    """Run until Ctrl-C or SIGTERM."""
    from sunlight.commands.output import quiet_logs, remark
    from sunlight.commands.processes import refuse_unknown_pages
    from sunlight.up.supervisor import Options
    from sunlight.up.supervisor import up as run

    refuse_unknown_pages()
    quiet_logs()
    run(Options(data, host, port, demo), remark)
