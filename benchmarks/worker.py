"""The platform's worker as a program: `python -m benchmarks.worker [options] SERVICE…`.

The same call as `sunlight worker` makes. `--silent` leaves horizons to the stream that is read;
`--profile` and `--account` write down where its time goes.
"""

from __future__ import annotations

import argparse
import cProfile
from collections.abc import Sequence

import uvloop

from benchmarks.account import accounting
from libs.common.db.engine import SERVICES
from sunlight.worker import serve


def main() -> None:
    """Work until SIGTERM."""
    parser = argparse.ArgumentParser(prog="benchmarks.worker")
    parser.add_argument("services", nargs="+")
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--profile", metavar="FILE")
    parser.add_argument("--account", metavar="FILE")
    asked = parser.parse_args()
    silent = SERVICES if asked.silent else ()
    if asked.account:
        with accounting(asked.account):
            _work(asked.services, silent)
    elif asked.profile:
        profile = cProfile.Profile()
        profile.runcall(_work, asked.services, silent)
        profile.dump_stats(asked.profile)
    else:
        _work(asked.services, silent)


def _work(services: Sequence[str], silent: Sequence[str]) -> None:
    uvloop.run(serve(services, silent=silent))


if __name__ == "__main__":
    main()
