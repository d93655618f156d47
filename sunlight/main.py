"""The command `sunlight`: one entry for everything that is run by hand.

Starts fast: a command's parts are imported when it runs. Exit status 0 done, 1 the check failed,
2 wrong use, 3 could not run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from sunlight.commands.failures import COULD_NOT_RUN, DONE, WRONG_USE, told
from sunlight.commands.language import LANGUAGES, UnknownLanguageError, choose, say


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its status."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit status. What went wrong is told on stderr, without a traceback."""
    try:
        rest = choose(arguments)
    except UnknownLanguageError as error:
        _complain(f"--lang {error}: {' | '.join(LANGUAGES)}")
        return WRONG_USE
    # Imported here: help texts are made on import, in the language just settled.
    import typer

    from sunlight.commands.tree import command
    from sunlight.commands.wrong_use import WrongUse, explained

    try:
        status = command().main(rest, prog_name="sunlight", standalone_mode=False)
        return status if isinstance(status, int) else DONE
    except WrongUse as error:
        sys.stderr.write(f"{explained(error)}\n")
        return WRONG_USE
    except (typer.Abort, KeyboardInterrupt):
        _complain(say("已中断", "interrupted"))
        return 130
    except BrokenPipeError:
        # Whoever read our output has had enough; stdout must not be flushed again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        text = told(error)
        if text is None:
            raise
        _complain(text)
        return COULD_NOT_RUN


def _complain(text: str) -> None:
    sys.stderr.write(f"sunlight: {text}\n")


if __name__ == "__main__":
    main()
