"""Real captures through the real command: exact counts, exact bars, and no print that is not a market trade."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.product import Product
from tests.fakes import wait_until
from tests.ingest.test_replay import capture


def replayed(path: Path, data_dir: Path) -> Product:
    return Product("--source", "replay", "--replay", str(path), "--speed", "max", data_dir=data_dir)


def finished(product: Product) -> bool:
    return product.health()["finished"] is True


def recorded_trades(path: Path, symbol: str) -> Iterator[dict[str, str]]:
    """Straight from the file, with none of our code: the market trades of a symbol by id."""
    rows: dict[int, dict[str, str]] = {}
    with gzip.open(path, "rt") as lines:
        for line in lines:
            event = json.loads(line.split(" ", 1)[1])["data"]
            if event["e"] == "trade" and event["s"] == symbol and event["X"] == "MARKET":
                rows[event["t"]] = event
    yield from (rows[one] for one in sorted(rows))


def minute_bars(path: Path, symbol: str) -> list[dict[str, float]]:
    bars: dict[int, dict[str, float]] = {}
    for trade in recorded_trades(path, symbol):
        start, price, size = int(trade["T"]) // 60_000 * 60_000, float(trade["p"]), float(trade["q"])
        bar = bars.setdefault(
            start, {"time_ms": start, "open": price, "high": price, "low": price, "volume": 0.0, "trades": 0}
        )
        bar["high"], bar["low"] = max(bar["high"], price), min(bar["low"], price)
        bar["close"] = price
        bar["volume"] += size
        bar["trades"] += 1
    return [bars[start] for start in sorted(bars)]


def test_a_real_capture_is_stored_whole_and_its_minutes_are_exact(tmp_path: Path) -> None:
    path = capture("usdm_btc_eth_20240719.frames.gz")
    with replayed(path, tmp_path) as product:
        wait_until(lambda: finished(product), what="the recording is played", within_s=60)
        symbols = product.health()["symbols"]
        assert symbols["BTCUSDT"]["ticks_stored"] == 10_701
        assert symbols["ETHUSDT"]["ticks_stored"] == 13_655
        assert (symbols["BTCUSDT"]["first_id"], symbols["BTCUSDT"]["last_id"]) == (5182005737, 5182016437)
        assert symbols["ETHUSDT"]["gaps_open"] == symbols["ETHUSDT"]["gaps_lost"] == 0
        for symbol, total in (("BTCUSDT", 1122.459), ("ETHUSDT", 10845.688)):
            bars = product.ask(f"/api/data/history?symbol={symbol.lower()}&timeframe=1m&limit=1000")["bars"]
            want = minute_bars(path, symbol)
            assert [{name: bar[name] for name in want[0] if name != "volume"} for bar in bars] == [
                {name: value for name, value in bar.items() if name != "volume"} for bar in want
            ]
            assert [bar["volume"] for bar in bars] == pytest.approx([bar["volume"] for bar in want], abs=1e-9)
            assert sum(bar["volume"] for bar in bars) == pytest.approx(total, abs=1e-6)
        assert product.snapshot(timeframe="5s", window=20)["hedge_ratio"] is not None


def test_an_insurance_fund_print_reaches_no_bar(tmp_path: Path) -> None:
    path = capture("usdm_btc_20230405.frames.gz")
    with replayed(path, tmp_path) as product:
        wait_until(lambda: finished(product), what="the recording is played", within_s=60)
        status = product.health()["symbols"]["BTCUSDT"]
        bars = product.ask("/api/data/history?symbol=BTCUSDT&timeframe=1s&limit=100000")["bars"]
    trades = list(recorded_trades(path, "BTCUSDT"))
    assert status["ticks_stored"] == len(trades) == sum(bar["trades"] for bar in bars)
    assert status["gaps_open"] == status["gaps_lost"] == 0
    assert max(bar["high"] for bar in bars) == max(float(trade["p"]) for trade in trades) < 28_722.50
