"""`python -m ingest.simulator`: the local exchange on its own, for a Pairwatch in another terminal."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from ingest.simulator.calendar import HOUR_MS
from ingest.simulator.exchange import LocalExchange
from ingest.simulator.rules import Rules


def main(arguments: list[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM. Returns 0, or 2 when the port is taken or an option cannot be."""
    parser = argparse.ArgumentParser(prog="python -m ingest.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=9443, help="port on 127.0.0.1 (0: any free one; default 9443)")
    parser.add_argument("--seed", type=int, default=1, help="the market follows from this number (default 1)")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="append every published trade to this CSV file")
    start = parser.add_argument_group("conditions at the start (while it runs: POST /control/fault)")
    start.add_argument("--behind", type=float, default=0.0, metavar="HOURS", help="its clock begins so far in the past")
    start.add_argument("--tempo", type=float, default=1.0, metavar="SPEED", help="its clock runs so many times faster")
    start.add_argument("--horizon", type=float, default=48.0, metavar="HOURS", help="how far back REST has trades")
    start.add_argument(
        "--horizon-answer", choices=["rows", "empty", "error"], default="empty", help="what it says of older ids"
    )
    start.add_argument("--life", type=float, default=86_400.0, metavar="SECONDS", help="how long a connection may live")
    start.add_argument("--tls", nargs=2, type=Path, metavar=("CERT", "KEY"), help="PEM files: serve wss and https")
    options = parser.parse_args(arguments)
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    try:
        exchange = _exchange(options)
    except (OSError, ValueError) as wrong:
        parser.error(str(wrong))
    try:
        exchange.start()
    except OSError as taken:
        print(f"cannot listen on port {options.port}: {taken}", file=sys.stderr)
        return 2
    print(f"The local exchange listens on {exchange.rest_url} (seed {options.seed}). Point Pairwatch at it with:\n")
    print(f"  export PAIRWATCH_MARKET_WS_URL={exchange.market_ws_url}")
    print(f"  export PAIRWATCH_PUBLIC_WS_URL={exchange.public_ws_url}")
    print(f"  export PAIRWATCH_REST_URL={exchange.rest_url}")
    print("  python app.py --source live\n")
    print(f"What can go wrong is scripted at {exchange.rest_url}/control/fault (docs/local-exchange.md).")
    print("Ctrl-C ends it.", flush=True)
    ended.wait()
    exchange.stop()
    return 0


def _exchange(options: argparse.Namespace) -> LocalExchange:
    if not (0 <= options.horizon < float("inf") and options.life >= 0):
        raise ValueError("--horizon and --life are numbers from 0 up")
    return LocalExchange(
        seed=options.seed,
        port=options.port,
        truth_path=options.truth,
        rules=Rules(
            connection_life_s=options.life,
            trades_horizon_ms=round(options.horizon * HOUR_MS),
            older_answer=options.horizon_answer,
        ),
        behind_ms=round(options.behind * HOUR_MS),
        tempo=options.tempo,
        tls=None if options.tls is None else (options.tls[0], options.tls[1]),
    )


if __name__ == "__main__":
    sys.exit(main())
