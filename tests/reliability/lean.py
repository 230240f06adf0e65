"""The market of the product without its web server, in a process of its own: what a kill can hit, started quickly.

    python -m tests.reliability.lean --source live --data-dir DIR ...

It takes the product's flags and settings, and says every 50 ms in a line of JSON what the store has committed. SIGTERM
ends it in order. With `--wait` as the first flag it begins when a line comes on stdin.
"""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType

from ingest.weight import WeightBudget
from services.clock import SystemClock
from services.opening import open_live
from settings import read_settings
from tests.reliability.seen import seen_in_market, written

_EVERY_S = 0.05
_GENEROUS = 1_000_000


def main() -> int:
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    flags = sys.argv[1:]
    if flags[:1] == ["--wait"]:
        # Everything is imported; the market is opened when a line comes, and never when whoever waits has gone.
        if not sys.stdin.readline():
            return 0
        flags = flags[1:]
    settings = read_settings(flags)
    market = open_live(settings, SystemClock(), lambda _symbol: None, WeightBudget(per_minute=_GENEROUS))
    market.start()
    while not ended.wait(_EVERY_S):
        sys.stdout.write(written(seen_in_market(market.status())) + "\n")
        sys.stdout.flush()
    market.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
