"""What the command line's library says about wrong use, in both languages."""

from __future__ import annotations

from typing import Any, Final

import typer

from sunlight.commands.language import say

# The library carries its own copy of click, so its errors are told apart by their names.
_ROOT: Final = "ClickException"
WrongUse: Final[type[Exception]] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == _ROOT
)


def explained(error: Any) -> str:
    """What was wrong with which argument, and where the help is; or the help that was missing."""
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return str(error.format_message())
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "sunlight"
    hint = say(f"用法见 {path} --help", f"see {path} --help")
    return f"sunlight: {_what(error, kind)}\n{hint}"


def _what(error: Any, kind: str) -> str:
    match kind:
        case "NoSuchOption":
            near = f" ({', '.join(error.possibilities)}?)" if error.possibilities else ""
            return say(f"没有选项 {error.option_name}", f"no option {error.option_name}") + near
        case "MissingParameter":
            return say(f"缺少 {_name(error)}", f"{_name(error)} is missing")
        case "BadParameter":
            return f"{_name(error)}: {error.message}".removeprefix(": ")
    return str(error.format_message())


def _name(error: Any) -> str:
    parameter = error.param
    if parameter is None:
        return str(error.param_hint or "")
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.human_readable_name).upper()
