"""Deriving one share of a long recording in a second process, while this one derives the other.

Whatever ends that process before its answer is whole is an error, never a shorter recording.
"""

from __future__ import annotations

import contextlib
import pickle
import subprocess
import sys
import tempfile
from typing import Final, Self

from sunlight.recording.derivation import Derived
from sunlight.recording.external_sort import ExternalSort
from sunlight.recording.faults import RecordingError
from sunlight.recording.terms import Terms

_TOLD: Final = 4000
_PROGRAM: Final = "sunlight.recording.share_process"


class Apart:
    """The process as seen from the one that needs it; leaving the context ends it."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed on leaving
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError), self._process as process, self._errors:
            process.kill()

    def give(self, terms: Terms, share: ExternalSort) -> None:
        """Hand over a share, all of it on disk."""
        share.settle()
        if self._process.stdin is not None:
            # One that has ended already is told when its answer is taken.
            with contextlib.suppress(BrokenPipeError):
                pickle.dump((terms, share), self._process.stdin)
                self._process.stdin.flush()

    def take(self) -> Derived:
        """What the share became.

        Raises:
            ContractError, OSError: what deriving raised.
            RecordingError: the process ended without an answer; what it printed is told.
        """
        answer = self._process.stdout.read() if self._process.stdout else b""
        status = self._process.wait()
        if status != 0 or not answer:
            self._errors.seek(0)
            told = self._errors.read().decode(errors="replace")[-_TOLD:].strip()
            raise RecordingError(f"the process deriving a share ended with status {status}: {told}")
        derived = pickle.loads(answer)  # noqa: S301 - from our own process
        if isinstance(derived, Derived):
            return derived
        raise derived
