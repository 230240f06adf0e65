"""Cuts of the connection and kills of the product, drawn from a seed, on one database: then the checker decides."""

from __future__ import annotations

import random
import signal
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Protocol

from tests.fakes import wait_until
from tests.reliability.checker import Verdict
from tests.reliability.seen import Seen
from tests.reliability.stage import Stage


class Running(Protocol):
    """A product in a process of its own."""

    def seen(self) -> Mapping[str, Seen]: ...
    def until_live(self, *, within_s: float = ...) -> None: ...
    def end(self, how: signal.Signals = ...) -> Mapping[str, Seen]: ...


Start = Callable[[Stage], AbstractContextManager[Running]]


def held(database: Path) -> dict[str, int]:
    """The last id of each symbol, from a database that nobody has open."""
    if not database.exists():
        return {}
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        query = "SELECT name, max(trade_id) FROM symbols JOIN ticks USING (symbol_id) GROUP BY name"
        return dict(connection.execute(query).fetchall())


def storm(stage: Stage, start: Start, *, kills: int, cuts: int, live_every: int = 5) -> Verdict:
    """The verdict at the end. One product in `live_every` is left alone until it is LIVE before it is killed."""
    draw = random.Random(stage.seed)
    pause = threading.Event()
    rounds = [draw.randrange(kills) for _ in range(cuts)]
    for number in range(kills):
        with start(stage) as product:
            wait_until(product.seen, what="the product speaks", within_s=60)
            for _ in range(rounds.count(number)):
                pause.wait(draw.uniform(0.0, 0.25))
                cut(stage, draw)
            pause.wait(draw.uniform(0.0, 0.5))
            if number % live_every == live_every - 1:
                # A stalled connection would take its ten seconds to be given up, which is another test's subject.
                stage.exchange.faults.clear()
                product.until_live()
            said = product.end(signal.SIGKILL)
        stored = held(stage.database)
        for symbol, seen in said.items():
            assert (seen.last_id or 0) <= stored.get(symbol, 0), f"seed {stage.seed}: {symbol} lost what it had told"
    with start(stage) as product:
        stage.quiesce(product.seen)
        product.end()
    return stage.verdict()


def cut(stage: Stage, draw: random.Random) -> None:
    """One of the ways in which a connection ends. A stall holds until the next cut, or until the product minds."""
    ways: tuple[Callable[[], object], ...] = (
        lambda: faults.cut("fin"),
        lambda: faults.cut("rst"),
        lambda: faults.cut("mid_frame"),
        lambda: faults.cut("close", code=1001),
        lambda: faults.stall("silent"),
        lambda: faults.stall("mid_frame"),
    )
    faults = stage.exchange.faults
    draw.choice(ways)()
