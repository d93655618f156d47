"""A process under `sunlight up`: the API, the worker, or the demonstration's city.

It ends when its supervisor does, however that ended: the supervisor holds the other end of its
standard input.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
import time
from typing import Final

HARD_SECONDS: Final = 8
"""How long a child may take to end by itself once its supervisor is gone."""


def main() -> None:
    """Run the part that the arguments name."""
    parser = argparse.ArgumentParser(prog="sunlight.up.child")
    parser.add_argument("part", choices=("api", "worker", "city"))
    parser.add_argument("--fd", type=int)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    threading.Thread(target=_follow, name="lifeline", daemon=True).start()
    match options.part:
        case "api":
            _api(options.fd, options.host)
        case "worker":
            _worker()
        case "city":
            _city()


def _follow() -> None:
    """End this process once the supervisor's end of the pipe is closed."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(HARD_SECONDS)
    os._exit(1)


def _api(fd: int, host: str) -> None:
    from libs.common.db.engine import SERVICES
    from sunlight.api import serve

    serve(SERVICES, socket.socket(fileno=fd), host=host)


def _worker() -> None:
    import uvloop

    from libs.common.db.engine import SERVICES
    from sunlight.worker import serve

    uvloop.run(serve(SERVICES))


def _city() -> None:
    import uvloop

    from sunlight.city.live import live

    uvloop.run(live(os.environ))


if __name__ == "__main__":
    main()
