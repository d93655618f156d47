"""The tree of commands: which names there are, and what each is for."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.main import get_command

from sunlight.commands import (
    admin,
    calendar,
    clock,
    files,
    importing,
    outbox,
    parked,
    processes,
    recordings,
    rules,
    up,
)
from sunlight.commands.language import say


def command() -> Any:
    """The whole command line."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        help=say("阳光平台。", "The Sunlight Platform."),
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_common)
    for module in (
        up,
        recordings,
        importing,
        processes,
        clock,
        calendar,
        rules,
        parked,
        outbox,
        files,
        admin,
    ):
        module.register(app)
    return get_command(app)


def _common(
    lang: Annotated[
        str | None,
        typer.Option(
            metavar="zh|en",
            help=say("语言(默认随 LANG)", "language (default: as LANG says)"),
        ),
    ] = None,
) -> None:
    """`--lang` is read before this tree is built; it stands here for the help."""
