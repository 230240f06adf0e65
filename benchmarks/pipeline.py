"""From the socket to the disk: the product's own parts beside the usual packages as they are plainly used."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import websocket
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from analytics.market import Ticks
from benchmarks.loopback import SYMBOL, serving, written
from benchmarks.measure import Row, compared
from benchmarks.storage import Base, Trade
from ingest.binance import combined_url, trade_stream
from ingest.events import FeedEvent, NewTicks
from ingest.live import LiveFeed
from ingest.session import FeedSession
from services.clock import SystemClock
from storage.ring import TickRing
from storage.sql import SqlStore

_NUMBER = 10_000
_COMMIT_ROWS = 5_000
_NAMES = ("trade_id", "time_ms", "price", "quantity", "buyer_is_maker")


def ours(base: str, last_id: int, path: Path) -> None:
    """`LiveFeed`, `FeedSession`, `TickRing`, and `SqlStore` with its bars and its ledger, flushed."""
    clock, ring, stopping = SystemClock(), TickRing(100_000), threading.Event()
    with closing(SqlStore(path, venue="bench", now_ms=clock.now_ms)) as store:

        def emit(seen: FeedEvent) -> None:
            if not isinstance(seen, NewTicks):
                raise TypeError(f"nothing was left out, and yet: {seen}")
            ring.append(seen.ticks)
            store.append(seen.symbol, seen.ticks)
            if ring.last_id == last_id:
                stopping.set()

        LiveFeed(base, FeedSession({}), clock, [SYMBOL]).run(emit, stopping)
        store.flush(60)


def plainly(base: str, path: Path, *, skip_utf8_validation: bool) -> None:
    """`WebSocketApp`, `json.loads`, a deque, and the ORM's `add_all` with one commit for 5 000 rows."""
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA journal_mode = WAL"))
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
    Base.metadata.create_all(engine)
    newest: deque[tuple[int, int, float, float, bool]] = deque(maxlen=100_000)
    waiting: list[Trade] = []
    with Session(engine) as session:

        def commit() -> None:
            session.add_all(waiting)
            session.commit()
            session.expunge_all()
            waiting.clear()

        def on_message(_: websocket.WebSocketApp, message: str | bytes) -> None:
            trade = json.loads(message)["data"]
            row = (trade["a"], trade["T"], float(trade["p"]), float(trade["q"]), trade["m"])
            newest.append(row)
            waiting.append(Trade(symbol=trade["s"], **dict(zip(_NAMES, row, strict=True))))
            if len(waiting) == _COMMIT_ROWS:
                commit()

        app = websocket.WebSocketApp(combined_url(base, [trade_stream(SYMBOL)]), on_message=on_message)
        app.run_forever(skip_utf8_validation=skip_utf8_validation)
        commit()
    engine.dispose()


def stored(path: Path, table: str) -> list[tuple[int, float]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT trade_id, price FROM {table} ORDER BY trade_id").fetchall()


def in_new_files(folder: Path, side: Callable[[Path], None]) -> Callable[[], None]:
    names = count()
    return lambda: side(folder / f"{next(names)}.sqlite")


def measured(name: str, base: str, sent: Ticks, *, skip_utf8_validation: bool) -> Row:
    """One row; the run ends with an error unless both sides stored exactly what was sent."""
    truth = list(zip(sent.trade_id.tolist(), sent.price.tolist(), strict=True))
    mine = partial(ours, base, int(sent.trade_id[-1]))
    theirs = partial(plainly, base, skip_utf8_validation=skip_utf8_validation)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        for side, table, folder in ((mine, "ticks", Path(one)), (theirs, "trades", Path(other))):
            side(folder / "checked.sqlite")
            np.testing.assert_array_equal(stored(folder / "checked.sqlite", table), truth)
        return compared(
            f"socket to disk / WebSocketApp + json + deque + ORM, {name}",
            in_new_files(Path(one), mine),
            in_new_files(Path(other), theirs),
            items=len(sent),
            unit="us/trade",
        )


def run() -> list[Row]:
    sent, pieces = written(_NUMBER, burst=1_000)
    with serving(pieces) as base:
        return [
            measured("as installed", base, sent, skip_utf8_validation=False),
            measured("no UTF-8 check", base, sent, skip_utf8_validation=True),
        ]
