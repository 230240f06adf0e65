"""The store beside the ORM and the bare driver; the ring beside a deque; all on the same trades."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import deque
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import count, repeat
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import BigInteger, String, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from analytics.market import Ticks, Timeframe
from benchmarks.measure import Row, compared
from storage.ring import TickRing
from storage.sql import SqlStore

TradeRow = tuple[int, int, int, float, float, bool]

SYMBOL = "BTCUSDT"
BATCH = 500


class Base(DeclarativeBase):
    pass


class Trade(Base):
    __tablename__ = "trades"
    id: Mapped[int] = mapped_column(primary_key=True)
    symbol: Mapped[str] = mapped_column(String, index=True)
    trade_id: Mapped[int] = mapped_column(BigInteger)
    time_ms: Mapped[int] = mapped_column(BigInteger)
    price: Mapped[float]
    quantity: Mapped[float]
    buyer_is_maker: Mapped[bool]


def trades(number: int, ms_per_trade: int = 66) -> Ticks:
    """A random walk at fifteen trades a second."""
    random = np.random.default_rng(7)
    trade_id = np.arange(1, number + 1)
    return Ticks(
        trade_id=trade_id,
        time_ms=1_763_769_600_000 + trade_id * ms_per_trade,
        price=np.round(60_000 + random.normal(0, 1, number).cumsum(), 1),
        quantity=np.round(random.exponential(0.1, number) + 0.001, 3),
        buyer_is_maker=random.random(number) < 0.5,
    )


def batches(ticks: Ticks, size: int) -> list[Ticks]:
    return [ticks.rows(slice(start, start + size)) for start in range(0, len(ticks), size)]


def rows(ticks: Ticks) -> list[TradeRow]:
    columns = (ticks.trade_id, ticks.time_ms, ticks.price, ticks.quantity, ticks.buyer_is_maker)
    return list(zip(repeat(1), *(column.tolist() for column in columns), strict=False))


def through_the_store(folder: Path, pieces: list[Ticks]) -> Callable[[], None]:
    names = count()

    def run() -> None:
        path = folder / f"store{next(names)}.sqlite"
        with closing(SqlStore(path, venue="bench", now_ms=lambda: 0, queue_ticks=10**7)) as store:
            for piece in pieces:
                store.append(SYMBOL, piece)
            store.flush(60)

    return run


def through_the_driver(folder: Path, pieces: list[Ticks]) -> Callable[[], None]:
    """The same table and batches of 5 000 rows, but no bars, no ledger, no counts, no thread."""
    names = count()

    def run() -> None:
        with closing(sqlite3.connect(folder / f"driver{next(names)}.sqlite", isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(
                "CREATE TABLE ticks (symbol_id INTEGER, trade_id INTEGER, time_ms INTEGER, price REAL, quantity REAL,"
                " buyer_is_maker INTEGER, PRIMARY KEY (symbol_id, trade_id)) WITHOUT ROWID"
            )
            for start in range(0, len(pieces), 10):
                connection.execute("BEGIN IMMEDIATE")
                for piece in pieces[start : start + 10]:
                    connection.executemany("INSERT OR IGNORE INTO ticks VALUES (?, ?, ?, ?, ?, ?)", rows(piece))
                connection.execute("COMMIT")

    return run


def through_the_orm(folder: Path, pieces: list[Ticks]) -> Callable[[], None]:
    """One object a trade, `add_all`, one commit for 5 000."""
    names = count()
    columns = ("trade_id", "time_ms", "price", "quantity", "buyer_is_maker")

    def run() -> None:
        engine = create_engine(f"sqlite:///{folder / f'orm{next(names)}.sqlite'}")
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA journal_mode = WAL"))
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            for start in range(0, len(pieces), 10):
                for piece in pieces[start : start + 10]:
                    values = zip(*(getattr(piece, name).tolist() for name in columns), strict=True)
                    session.add_all(Trade(symbol=SYMBOL, **dict(zip(columns, value, strict=True))) for value in values)
                session.commit()
                session.expunge_all()
        engine.dispose()

    return run


def writing(folder: Path) -> list[Row]:
    many, few = batches(trades(200_000), BATCH), batches(trades(10_000), BATCH)
    return [
        compared(
            "store 200k trades with bars / bare sqlite3, no bars",
            through_the_store(folder, many),
            through_the_driver(folder, many),
            items=200_000,
            unit="us/trade",
        ),
        compared(
            "store 10k trades with bars / ORM add_all, no bars",
            through_the_store(folder, few),
            through_the_orm(folder, few),
            items=10_000,
            unit="us/trade",
            rounds=3,
        ),
    ]


def reading(folder: Path) -> list[Row]:
    path = folder / "day.sqlite"
    with closing(SqlStore(path, venue="bench", now_ms=lambda: 0, queue_ticks=10**7)) as store:
        for piece in batches(trades(86_400 * 4, 250), 5_000):
            store.append(SYMBOL, piece)
        store.flush(60)
        query = "SELECT * FROM bars_1s WHERE symbol_id = 1 ORDER BY start_ms"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return [
                compared(
                    "a day of one-second bars / pandas.read_sql",
                    lambda: store.bars(SYMBOL, Timeframe.S1, start_ms=0, end_ms=2**60),
                    lambda: pd.read_sql(query, connection),
                    items=1,
                    unit="us/day",
                )
            ]


def remembering() -> list[Row]:
    ticks = trades(400_000)
    found: list[Row] = []
    for size, number in ((10, 20_000), (100, 400_000), (1_000, 400_000)):
        pieces = batches(ticks.rows(slice(None, number)), size)
        name = f"ring append, {size} a batch / deque of tuples"
        found.append(compared(name, partial(ring_of, pieces), partial(deque_of, pieces), items=number, unit="us/trade"))
    ring, queue = ring_of(pieces), deque_of(pieces)
    for limit, calls in ((3_600, 50), (100_000, 5)):
        found.append(
            compared(
                f"ring snapshot of {limit} / deque to columns",
                partial(repeated, calls, partial(ring.snapshot, limit)),
                partial(repeated, calls, partial(columns_of, queue, limit)),
                items=calls,
                unit="us/snapshot",
            )
        )
    return found


def repeated(times: int, call: Callable[[], object]) -> None:
    for _ in range(times):
        call()


def ring_of(pieces: list[Ticks]) -> TickRing:
    ring = TickRing(100_000)
    for piece in pieces:
        ring.append(piece)
    return ring


def deque_of(pieces: list[Ticks]) -> deque[TradeRow]:
    held: deque[TradeRow] = deque(maxlen=100_000)
    for piece in pieces:
        held.extend(rows(piece))
    return held


def columns_of(held: deque[TradeRow], limit: int) -> list[NDArray[np.generic]]:
    newest = list(held)[-limit:]
    return [np.array(column) for column in zip(*newest, strict=True)]


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return [*writing(Path(folder)), *reading(Path(folder)), *remembering()]
