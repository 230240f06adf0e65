"""The commands as their user runs them, against the local exchange, beside a running Pairwatch and without one."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from analytics.market import Gap, Ticks
from ingest.simulator import LocalExchange
from services.clock import SystemClock
from storage.sql import SqlStore
from tests.e2e.product import HOME, Product, run_once
from tests.fakes import wait_until
from tests.ingest.archives import Dialect, rows_of, write_archive, write_checksum
from tests.ports import free_port
from tests.storage.trades import trades

VENUE = "127.0.0.1"


@pytest.fixture(scope="module")
def exchange() -> Iterator[LocalExchange]:
    with LocalExchange(seed=5) as running:
        yield running


def addresses(exchange: LocalExchange) -> dict[str, str]:
    return {
        "PAIRWATCH_MARKET_WS_URL": exchange.market_ws_url,
        "PAIRWATCH_PUBLIC_WS_URL": exchange.public_ws_url,
        "PAIRWATCH_REST_URL": exchange.rest_url,
    }


def flags(exchange: LocalExchange, folder: Path) -> list[str]:
    named = {
        name.removeprefix("PAIRWATCH_").lower().replace("_", "-"): url for name, url in addresses(exchange).items()
    }
    return [*(f"--{name}={url}" for name, url in named.items()), "--data-dir", str(folder)]


def stored(database: Path, symbol: str = "BTCUSDT") -> list[tuple[int, float, float]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        query = (
            "SELECT trade_id, price, quantity FROM ticks JOIN symbols USING (symbol_id) "
            "WHERE name = ? ORDER BY trade_id"
        )
        return connection.execute(query, (symbol,)).fetchall()


def listed(database: Path, *states: str) -> set[int]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT first_id, last_id, state FROM gaps").fetchall()
    return {one for first, last, state in rows if state in states for one in range(first, last + 1)}


def truth(exchange: LocalExchange, symbol: str, first_id: int, last_id: int) -> Ticks:
    published = exchange.truth(symbol, first_id, last_id)
    return Ticks(*(getattr(published, name) for name in ("trade_id", "time_ms", "price", "quantity", "buyer_is_maker")))


def rows_from(ticks: Ticks) -> list[tuple[int, float, float]]:
    return list(zip(ticks.trade_id.tolist(), ticks.price.tolist(), ticks.quantity.tolist(), strict=True))


def collected(exchange: LocalExchange, folder: Path) -> Path:
    """A database with some real trades, as a stopped Pairwatch leaves it."""
    with Product(
        "--source", "live", "--history-minutes", "0", data_dir=folder, environment=addresses(exchange)
    ) as product:
        wait_until(lambda: product.health()["symbols"]["BTCUSDT"]["ticks_stored"] > 20, what="trades are stored")
        assert product.stop() in {0, -signal.SIGTERM}
    (database,) = (path for path in folder.glob("*.db") if path.name != "kept.db")
    return database


def test_a_lost_hole_is_healed_from_an_archive_file(exchange: LocalExchange, tmp_path: Path) -> None:
    database = collected(exchange, tmp_path)
    first, last = stored(database)[0][0], stored(database)[-1][0]
    older = truth(exchange, "BTCUSDT", first - 900, first - 701)
    with closing(SqlStore(database, venue=VENUE, now_ms=SystemClock().now_ms)) as store:
        store.append("BTCUSDT", older)
        store.open_gap(Gap("BTCUSDT", first - 700, first - 1, "OPEN", "cut for a test", 1))
        store.lose_gap("BTCUSDT", first - 700, first - 1, "gone for good", 2)
    assert len(listed(database, "LOST")) == 700
    archive = write_archive(
        tmp_path,
        rows_of(truth(exchange, "BTCUSDT", first - 1000, first - 101))[::-1],
        Dialect(header=True, truth="upper"),
    )
    write_checksum(archive)
    ended = run_once("import", str(archive), *flags(exchange, tmp_path))
    assert ended.returncode == 0, ended.stderr
    assert "600 trades stored, 600 of them had been missing" in ended.stdout
    assert listed(database, "LOST") == set(range(first - 100, first))
    rest = write_archive(
        tmp_path, rows_of(truth(exchange, "BTCUSDT", first - 150, first)), name="BTCUSDT-aggTrades-2026-11-02"
    )
    assert "BTCUSDT: nothing is missing" in run_once("import", str(rest), *flags(exchange, tmp_path)).stdout
    assert listed(database, "LOST", "OPEN") == set()
    assert stored(database) == rows_from(truth(exchange, "BTCUSDT", first - 900, last))


def test_an_import_that_is_killed_lists_what_it_owes_and_ends_the_same_when_run_again(tmp_path: Path) -> None:
    whole = trades(range(1_000_000, 1_150_000))
    archive = write_archive(tmp_path, rows_of(whole))
    database = tmp_path / f"{VENUE}.db"
    with closing(SqlStore(database, venue=VENUE, now_ms=SystemClock().now_ms)) as store:
        store.append("BTCUSDT", trades(range(1_200_000, 1_200_010)))
    here = ["--rest-url", f"http://{VENUE}:1", "--data-dir", str(tmp_path)]
    running = subprocess.Popen(
        [sys.executable, "app.py", "import", str(archive), "--all", *here], cwd=HOME, stdout=subprocess.DEVNULL
    )
    wait_until(lambda: running.poll() is not None or len(stored(database)) > 10, what="the import has begun")
    running.kill()
    running.wait(timeout=30)
    ids = {row[0] for row in stored(database)}
    assert min(ids) + len(ids) < 1_150_000
    assert set(range(min(ids), 1_200_010)) == ids | listed(database, "OPEN", "LOST")
    for healed in (True, False):
        ended = run_once("import", str(archive), "--all", *here)
        assert ended.returncode == 0, ended.stderr
        assert ("  0 trades stored" in ended.stdout) is not healed
        assert stored(database) == rows_from(whole) + rows_from(trades(range(1_200_000, 1_200_010)))
        assert listed(database, "OPEN", "LOST") == set(range(1_150_000, 1_200_000))


def test_beside_a_running_pairwatch_doctor_is_well_and_an_import_waits(exchange: LocalExchange, tmp_path: Path) -> None:
    archive = write_archive(tmp_path, rows_of(trades(range(1, 10))))
    with Product("--source", "live", data_dir=tmp_path, environment=addresses(exchange)) as product:
        wait_until(lambda: product.health()["symbols"]["BTCUSDT"]["ticks_stored"] > 20, what="trades are stored")
        doctor = run_once("doctor", "--json", "--port", str(product.port), *flags(exchange, tmp_path))
        told = json.loads(doctor.stdout)
        assert (doctor.returncode, told["healthy"]) == (0, True), told
        (port,) = [check for check in told["checks"] if check["name"] == "port"]
        assert "Pairwatch is running" in port["found"]
        refused = run_once("import", str(archive), "--all", *flags(exchange, tmp_path))
        assert refused.returncode == 2
        assert "in use by another Pairwatch" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
        assert product.health()["status"]


def test_a_backup_made_beside_a_running_pairwatch_comes_back_whole(exchange: LocalExchange, tmp_path: Path) -> None:
    folder, copy = tmp_path / "data", tmp_path / "copy.db"
    here = flags(exchange, folder)
    with Product("--source", "live", data_dir=folder, environment=addresses(exchange)) as product:
        wait_until(lambda: product.health()["symbols"]["BTCUSDT"]["ticks_stored"] > 20, what="trades are stored")
        before = product.health()["symbols"]["BTCUSDT"]["last_id"]
        made = run_once("backup", str(copy), *here)
        assert made.returncode == 0, made.stderr
        kept = stored(copy)
        assert kept[-1][0] >= before
        assert kept == rows_from(truth(exchange, "BTCUSDT", kept[0][0], kept[-1][0]))
        counted = len(kept) + len(stored(copy, "ETHUSDT"))
        assert f"{counted} trades of 2 symbols" in made.stdout
        wait_until(lambda: product.health()["symbols"]["BTCUSDT"]["last_id"] > kept[-1][0], what="it goes on")
        for arguments, told in (
            (["restore", str(copy)], "in use by another Pairwatch"),
            (["backup", str(copy)], "exists"),
            (["backup", str(tmp_path / "no" / "folder")], "cannot be written"),
            (["backup", str(tmp_path / "demo.db"), "--source", "demo"], "there is no database"),
        ):
            refused = run_once(*arguments, *here)
            assert refused.returncode == 2
            assert told in refused.stderr
            assert len(refused.stderr.splitlines()) == 1
        assert run_once("backup", str(copy), "--overwrite", *here).returncode == 0
        kept = stored(copy)
        product.stop()
    later = stored(folder / f"{VENUE}.db")
    restored = run_once("restore", str(copy), *here)
    assert restored.returncode == 0, restored.stderr
    assert stored(folder / f"{VENUE}.db") == kept
    (aside,) = folder.glob("*before-restore*.db")
    assert str(aside) in restored.stdout
    assert stored(aside) == later
    checks = json.loads(run_once("doctor", "--json", "--port", str(free_port()), *here).stdout)["checks"]
    assert [one["mark"] for one in checks if one["name"] == "database"] == ["ok"]
    assert [aside.name in one["found"] for one in checks if one["name"] == "copies"] == [True]


def test_without_a_network_the_doctor_ends_by_itself_and_says_what_works(tmp_path: Path) -> None:
    ended = run_once(
        "doctor", "--data-dir", str(tmp_path), "--port", str(free_port()), "--rest-url", "https://api.invalid"
    )
    assert ended.returncode == 1
    assert "FAIL  rest" in ended.stdout
    assert "--source demo works without the exchange" in ended.stdout
    assert ended.stderr == ""


def test_commands_load_nothing_of_the_web(tmp_path: Path) -> None:
    archive = write_archive(tmp_path, rows_of(trades(range(1, 10))))
    code = (
        "import sys\n"
        "import app\n"
        f"app.main(['doctor', '--source', 'demo', '--data-dir', {str(tmp_path)!r}])\n"
        f"app.main(['import', {str(archive)!r}, '--all', '--data-dir', {str(tmp_path)!r}])\n"
        "print(sorted({'dash', 'plotly', 'fastapi', 'uvicorn', 'statsmodels', 'pandas'} & set(sys.modules)))"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PAIRWATCH_")}
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=HOME, env=clean, capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout.splitlines()[-1] == "[]"
