"""The worker process of a replay: the same parts as live, but the replay announces horizons."""

import sys

import uvloop

from libs.common.db.engine import SERVICES
from sunlight.worker import serve

if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1:], silent=SERVICES))
