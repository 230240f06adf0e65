"""`python -m ingest.simulator`: the local exchange on its own, for a Pairwatch in another terminal."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from ingest.simulator.exchange import LocalExchange


def main(arguments: list[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM. Returns 0, or 2 when the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m ingest.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=9443, help="port on 127.0.0.1 (0: any free one; default 9443)")
    parser.add_argument("--seed", type=int, default=1, help="the market follows from this number (default 1)")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="append every published trade to this CSV file")
    options = parser.parse_args(arguments)
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    exchange = LocalExchange(seed=options.seed, port=options.port, truth_path=options.truth)
    try:
        exchange.start()
    except OSError as taken:
        print(f"cannot listen on port {options.port}: {taken}", file=sys.stderr)
        return 2
    print(f"The local exchange listens on {exchange.rest_url} (seed {options.seed}). Point Pairwatch at it with:\n")
    print(f"  export PAIRWATCH_MARKET_WS_URL={exchange.market_ws_url}")
    print(f"  export PAIRWATCH_PUBLIC_WS_URL={exchange.public_ws_url}")
    print(f"  export PAIRWATCH_REST_URL={exchange.rest_url}")
    print("  python app.py --source live\n\nCtrl-C ends it.", flush=True)
    ended.wait()
    exchange.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
