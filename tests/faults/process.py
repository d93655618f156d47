"""A worker process of the fault tests: the platform's own composition, its effects watched.

`python -m tests.faults.process SERVICE...` works until SIGTERM.
"""

import asyncio
import sys

from sunlight import worker
from tests.faults.witness import WitnessedMonitor


def main() -> None:
    """Run the worker of the named services."""
    vars(worker)["HANDLERS"] = {"monitor": WitnessedMonitor}
    asyncio.run(worker.serve(sys.argv[1:]))


if __name__ == "__main__":
    main()
