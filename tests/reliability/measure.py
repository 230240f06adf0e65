"""How quick is recovery, and what does a huge frame cost? Figures for docs/reliability.md, nothing is judged.

python -m tests.reliability.measure [--rounds 10]
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.fakes import wait_until
from tests.reliability.machine import footprint
from tests.reliability.outside import Lean
from tests.reliability.stage import Inside, Stage
from tests.reliability.whole import Whole


def seconds(act: Callable[[], object], condition: Callable[[], object]) -> float:
    """From the act until the condition holds."""
    begun_s = time.monotonic()
    act()
    wait_until(condition, what="the condition of a measurement", within_s=120)
    return time.monotonic() - begun_s


def told(name: str, figures: Sequence[float], unit: str = "s") -> None:
    worst, middle = max(figures), statistics.median(figures)
    sys.stdout.write(f"{name:58s} median {middle:7.2f} {unit}   worst {worst:7.2f} {unit}   of {len(figures)}\n")
    sys.stdout.flush()


def reconnects(stage: Stage, rounds: int) -> None:
    """From the fault to the first trade or mark price on another connection."""
    faults = stage.exchange.faults
    with Inside(stage) as product:
        facts = product.market.parts.feed.session.facts
        settled_s = 6.0  # a connection that has lived a while, as nearly all have

        def one(fault: Callable[[], object]) -> float:
            product.until_live()
            begun_s = time.monotonic()
            wait_until(lambda: time.monotonic() - begun_s > settled_s, what="it settles", within_s=60)
            known = {c["id"] for c in faults.state()["connections"]}
            fault_s = time.monotonic()
            fault()
            wait_until(lambda: {c["id"] for c in faults.state()["connections"]} - known, what="another", within_s=60)
            met_ms = int(time.monotonic() * 1000)
            wait_until(
                lambda: any((f.last_arrival_ms or 0) >= met_ms for f in facts.values()), what="data", within_s=60
            )
            return time.monotonic() - fault_s

        told("clean cut (FIN) to first data", [one(lambda: faults.cut("fin")) for _ in range(rounds)])
        told("reset (RST) to first data", [one(lambda: faults.cut("rst")) for _ in range(rounds)])
        told("silent connection to first data on another", [one(lambda: faults.stall("silent")) for _ in range(3)])
        told(
            "stall inside a frame to first data on another", [one(lambda: faults.stall("mid_frame")) for _ in range(3)]
        )


def restarts(stage: Stage, rounds: int) -> None:
    """From starting the process again after kill -9 until every symbol is LIVE and no hole is open."""
    figures = []
    for _ in range(rounds):
        with Whole(stage) as product:
            product.until_live()
            product.end(signal.SIGKILL)
        begun_s = time.monotonic()
        with Whole(stage) as product:
            product.until_live()
            figures.append(time.monotonic() - begun_s)
            product.end()
    told("start after kill -9 to LIVE (whole product)", figures)


def huge_frame(stage: Stage) -> None:
    """What 200 MiB in one frame add to the most memory that the process ever took."""
    costs = []
    for fragments in (False, True):
        with Lean(stage) as product:
            product.until_live()
            known = {c["id"] for c in stage.exchange.faults.state()["connections"]}
            before = footprint(product.process.pid).peak_mib
            stage.exchange.faults.flood(200.0, fragments=fragments)
            wait_until(
                lambda: {c["id"] for c in stage.exchange.faults.state()["connections"]} - known,  # noqa: B023
                what="another connection",
                within_s=60,
            )
            product.until_live()
            costs.append(footprint(product.process.pid).peak_mib - before)
            product.end()
    told("memory of a 200 MiB frame, and of endless fragments", costs, "MiB")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.measure", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="measure-") as name:
        for part in (
            lambda stage: reconnects(stage, options.rounds),
            lambda stage: restarts(stage, options.rounds),
            huge_frame,
        ):
            folder = Path(tempfile.mkdtemp(dir=name))
            with Stage(folder, seed=5) as stage:
                part(stage)
    return 0


if __name__ == "__main__":
    sys.exit(main())
