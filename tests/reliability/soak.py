"""A long run under random faults: does anything grow, and is anything lost?

    python -m tests.reliability.soak                  a day of the market at 60 times its speed, with faults
    python -m tests.reliability.soak --minutes 120    two hours in real time
    python -m tests.reliability.soak --kills 200      afterwards, so many kills

The whole product runs as a process of its own against the local exchange; everything happens on loopback. A table with
one row for each stretch goes to stdout as it comes, then the checker's line and a verdict.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.reliability.machine import Footprint, footprint
from tests.reliability.stage import PAIR, Stage
from tests.reliability.storm import cut, storm
from tests.reliability.whole import Whole

DAY_H = 24.0
_GROWTH = 1.05
_COLUMNS = "hours  rss_mib  peak_mib  threads  files  queue  deepest  stored  open  lost  faults"


class Soak:
    """One run. hours: exchange time.  tempo: exchange hours in one hour of the wall clock."""

    def __init__(self, stage: Stage, product: Whole, *, hours: float, tempo: float, faults_per_h: float) -> None:
        self._stage = stage
        self._product = product
        self._hours = hours
        self._tempo = tempo
        self._every_s = 3_600 / tempo / faults_per_h
        self._draw = random.Random(stage.seed)
        self._pause = threading.Event()
        self._deepest = 0
        self._faults = 0
        self.samples: list[tuple[float, Footprint]] = []

    def run(self, rows: int) -> None:
        """Until the time is over; a row of the table for each of `rows` stretches."""
        begun_s = time.monotonic()
        due_s, row_s = self._every_s, 0.0
        length_s = self._hours * 3_600 / self._tempo
        while (passed_s := time.monotonic() - begun_s) < length_s:
            if passed_s >= due_s:
                self._fault()
                due_s += self._every_s * self._draw.uniform(0.5, 1.5)
            if passed_s >= row_s:
                self._row(passed_s * self._tempo / 3_600)
                row_s += length_s / rows
            self._deepest = max(self._deepest, int(self._product.health()["queue_depth"]))
            self._pause.wait(0.5)
        self._row(self._hours)

    def _fault(self) -> None:
        faults = self._stage.exchange.faults
        symbol = self._draw.choice(self._stage.symbols)
        busy = {one["do"] for one in faults.state()["faults"]}
        ways: list[Callable[[], object]] = [
            lambda: cut(self._stage, self._draw),
            lambda: cut(self._stage, self._draw),
            lambda: faults.withhold(symbol, self._draw.randrange(1, 3_000)),
            lambda: faults.repeat(symbol, self._draw.randrange(1, 500)),
            lambda: faults.door("refuse", count=self._draw.randrange(1, 3)),
            lambda: faults.door("status", status=503, count=1),
            lambda: faults.rest("/fapi/v1/aggTrades", status=500, count=self._draw.randrange(1, 5)),
            lambda: faults.rest("/fapi/v1/aggTrades", body="html", count=2),
            lambda: faults.rest("/fapi/v1/aggTrades", drop=True, count=2),
            lambda: faults.send('{"stream":"x","data":{"e":"aggTrade","p":NaN}}'),
        ]
        if "shuffle" not in busy:
            ways.append(lambda: faults.shuffle(symbol, within=50, count=500, seed=self._draw.randrange(10**6)))
        self._draw.choice(ways)()
        self._faults += 1

    def _row(self, hour: float) -> None:
        health: Any = self._product.health()
        taken = footprint(self._product.process.pid)
        self.samples.append((hour, taken))
        stored = sum(one["ticks_stored"] for one in health["symbols"].values())
        say(
            f"{hour:5.1f}  {taken.rss_mib:7.1f}  {taken.peak_mib:8.1f}  {taken.threads:7d}  {taken.files:5d}"
            f"  {health['queue_depth']:5d}  {self._deepest:7d}  {stored:6d}  {health['gaps_open']:4d}"
            f"  {health['gaps_lost']:4d}  {self._faults:6d}"
        )

    def growth(self, settled_h: float) -> float:
        """Resident memory at the end as a multiple of what it was once the first hour's worth had passed."""
        first = next(one for hour, one in self.samples if hour >= settled_h)
        return self.samples[-1][1].rss_mib / first.rss_mib

    def steady(self, settled_h: float) -> bool:
        """Whether threads and descriptors stayed within a handful of what they were."""
        first = next(one for hour, one in self.samples if hour >= settled_h)
        last = self.samples[-1][1]
        return abs(last.threads - first.threads) <= 4 and abs(last.files - first.files) <= 8


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def soak(options: argparse.Namespace, folder: Path) -> bool:
    """Whether everything held."""
    compressed = options.minutes is None
    hours = options.hours if compressed else options.minutes / 60
    tempo = options.tempo if compressed else 1.0
    behind_ms = round(hours * 3_600_000) if compressed else 0
    symbols = tuple(options.symbols.split(","))
    with Stage(folder, seed=options.seed, symbols=symbols, behind_ms=behind_ms, tempo=tempo) as stage:
        with Whole(stage) as product:
            product.until_live(delayed=True)
            run = Soak(stage, product, hours=hours, tempo=tempo, faults_per_h=options.faults_per_hour)
            say(f"seed={options.seed} hours={hours:g} tempo={tempo:g} symbols={options.symbols}\n{_COLUMNS}")
            run.run(options.rows)
            stage.exchange.faults.clear()
            stage.exchange.faults.tempo(1)
            stage.quiesce(product.seen, within_s=900)
            product.end()
        verdict = stage.verdict()
    settled_h = min(1.0, hours / 4)
    growth, steady = run.growth(settled_h), run.steady(settled_h)
    say(f"memory at the end / after {settled_h:g} h: {growth:.3f}; threads and files steady: {steady}")
    return verdict.passed and growth <= _GROWTH and steady


def kills(options: argparse.Namespace, folder: Path) -> bool:
    """The storm, with the whole product."""
    folder.mkdir()
    with Stage(folder, seed=options.seed) as stage:
        verdict = storm(stage, Whole, kills=options.kills, cuts=options.cuts)
    return verdict.passed and verdict.lost == 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.soak", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, help="real time instead of the compressed day")
    parser.add_argument("--hours", type=float, default=DAY_H, help="how much of a day is compressed")
    parser.add_argument("--tempo", type=float, default=60.0, help="how many times faster than the market")
    parser.add_argument("--symbols", default=",".join(PAIR))
    parser.add_argument("--faults-per-hour", type=float, default=12.0, help="of exchange time")
    parser.add_argument("--rows", type=int, default=24, help="of the table")
    parser.add_argument("--kills", type=int, default=0, help="kills of the whole product after the run")
    parser.add_argument("--cuts", type=int, default=100, help="cuts of the feed during the kills")
    parser.add_argument("--only-kills", action="store_true", help="leave the long run out")
    parser.add_argument("--seed", type=int, default=33)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        held = [] if options.only_kills else [soak(options, folder)]
        if options.kills:
            held.append(kills(options, folder / "kills"))
    say("PASS" if all(held) else "FAIL")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
