"""The process that derives one share: its work on standard input, its answer on standard output.

Started by `apart` alone, and never imported.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading

from libs.common.events import ContractError
from sunlight.memory import collect_rarely
from sunlight.recording.derivation import Derivation, Derived


def _end_with_parent() -> None:
    # The other end of the pipe closes however the parent ends.
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def main() -> None:
    """Derive the share on standard input."""
    # The parent ends this process, also when both are interrupted from the keyboard.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_rarely()
    try:
        terms, share = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    except EOFError:
        return
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answer: Derived | Exception
    try:
        answer = Derivation(terms, "apart").run(share, lambda _: None)
        answer.settle()
    except (ContractError, OSError) as error:
        answer = error
    pickle.dump(answer, sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
