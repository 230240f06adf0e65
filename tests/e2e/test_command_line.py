"""Starts that cannot work end with one sentence and code 2; a running one ends cleanly and keeps everything."""

from __future__ import annotations

import signal
import socket
import sqlite3
from pathlib import Path

import pytest

from ingest.simulator import LocalExchange
from tests.e2e.product import Product, run_once
from tests.fakes import wait_until
from tests.ports import free_port


@pytest.mark.parametrize(
    ("flags", "cure"),
    [
        (["--nonsense"], "--help"),
        (["--symbols", "BTC-USDT"], "such as BTCUSDT"),
        (["--source", "demo", "--symbols", "BTCUSDT,NOPEUSDT"], "choose from"),
        (["--replay", "/nowhere/at/all"], "No such file"),
        (["--replay", "README.md"], "line 1"),
        (["--source", "demo", "--data-dir", "/proc/nowhere"], "--data-dir"),
    ],
)
def test_a_start_that_cannot_work_is_one_sentence_and_code_two(flags: list[str], cure: str) -> None:
    ended = run_once("--no-browser", "--port", str(free_port()), *flags)
    assert ended.returncode == 2
    assert cure in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_named_with_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ended = run_once("--source", "demo", "--no-browser", "--port", str(port), "--data-dir", str(tmp_path))
    assert ended.returncode == 2
    assert f"--port {port + 1}" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_a_second_pairwatch_on_the_same_data_is_sent_away(tmp_path: Path) -> None:
    with Product("--source", "demo", data_dir=tmp_path):
        ended = run_once("--source", "demo", "--no-browser", "--port", str(free_port()), "--data-dir", str(tmp_path))
    assert ended.returncode == 2
    assert "in use by another Pairwatch" in ended.stderr


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_when_it_ends_every_trade_is_written_down(tmp_path: Path, how: signal.Signals) -> None:
    with LocalExchange(seed=5) as exchange:
        addresses = {"PAIRWATCH_MARKET_WS_URL": exchange.market_ws_url, "PAIRWATCH_REST_URL": exchange.rest_url}
        with Product("--source", "live", "--history-minutes", "0", data_dir=tmp_path, environment=addresses) as product:
            wait_until(
                lambda: product.health()["symbols"]["BTCUSDT"]["ticks_stored"] > 10, what="ten trades are stored"
            )
            before = product.health()["symbols"]["BTCUSDT"]
            assert product.stop(how) == 0
            assert "Traceback" not in product.said()
        (database,) = (path for path in tmp_path.glob("*.db") if path.name != "kept.db")
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            rows = connection.execute(
                "SELECT trade_id, price, quantity FROM ticks JOIN symbols USING (symbol_id) "
                "WHERE name = 'BTCUSDT' ORDER BY trade_id"
            ).fetchall()
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        connection.close()
        truth = exchange.truth("BTCUSDT", rows[0][0], rows[-1][0])
        assert rows[-1][0] >= before["last_id"]
        assert rows == list(zip(truth.trade_id.tolist(), truth.price.tolist(), truth.quantity.tolist(), strict=True))
