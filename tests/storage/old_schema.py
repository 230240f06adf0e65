"""Databases as older revisions left them, made by the migrations of those revisions."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from analytics.bars import bars_from_ticks
from analytics.market import Timeframe
from storage.engines import writing_engine
from storage.lineage import MARKET
from storage.rows import bar_rows, tick_rows
from tests.storage.trades import DAY_MS, SYMBOL, trades

IDS = range(5, 3_000)


def made_by_0001(path: Path) -> None:
    """Trades `IDS` of SYMBOL with their bars, and a LOST hole behind them, under venue "test"."""
    engine = writing_engine(path, 50)
    ticks = trades(IDS)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MARKET.migrations))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO meta VALUES ('venue', 'test')")
        connection.exec_driver_sql("INSERT INTO symbols VALUES (1, 'test', ?, ?)", (SYMBOL, len(ticks)))
        connection.exec_driver_sql("INSERT INTO ticks VALUES (?, ?, ?, ?, ?, ?)", tick_rows(1, ticks))
        bars = bar_rows(1, bars_from_ticks(ticks, Timeframe.S1))
        connection.exec_driver_sql(f"INSERT INTO bars_1s VALUES ({', '.join('?' * 12)})", bars)
        hole = (1, 1, 3_000, 3_010, "LOST", "not there", DAY_MS, DAY_MS + 1)
        connection.exec_driver_sql("INSERT INTO gaps VALUES (?, ?, ?, ?, ?, ?, ?, ?)", hole)
    engine.dispose()
