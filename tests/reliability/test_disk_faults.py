"""Rows 22 to 25, 29 and 31 of the fault matrix: what the disk does, while the exchange goes on."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from tests.e2e.product import run_once
from tests.fakes import wait_until
from tests.ports import free_port
from tests.reliability.outside import Lean
from tests.reliability.stage import Inside, Stage


def passed(stage: Stage, product: Inside) -> None:
    stage.quiesce(product.seen)
    product.market.stop()
    verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0


@pytest.fixture
def slow_disk() -> Iterator[threading.Event]:
    """While it is set, every commit takes 0.7 s."""
    is_slow, pause = threading.Event(), threading.Event()

    def commits(_connection: Connection) -> None:
        if is_slow.is_set():
            pause.wait(0.7)

    event.listen(Engine, "commit", commits)
    yield is_slow
    event.remove(Engine, "commit", commits)


def test_row_22_a_slow_disk_holds_up_the_writer_and_never_the_feed(tmp_path: Path, slow_disk: threading.Event) -> None:
    with Stage(tmp_path, seed=22) as stage, Inside(stage) as product:
        product.until_live()
        slow_disk.set()
        stage.exchange.faults.tempo(50)
        feed = product.market.parts.feed.session.facts
        heard = feed["BTCUSDT"].trades
        wait_until(lambda: feed["BTCUSDT"].trades > heard + 2_000, what="the feed is not held up", within_s=60)
        assert product.market.store.queue_depth() > 0
        stage.exchange.faults.tempo(1)
        slow_disk.clear()
        passed(stage, product)


def test_row_23_a_database_locked_by_another_program_loses_nothing(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=23) as stage, Inside(stage) as product:
        product.until_live()
        with closing(sqlite3.connect(stage.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            wait_until(lambda: "locked" in (product.market.store.trouble or ""), what="it is told", within_s=30)
            depth = product.market.store.queue_depth()
            wait_until(lambda: product.market.store.queue_depth() > depth + 20, what="trades wait in memory")
            other.execute("ROLLBACK")
        wait_until(lambda: product.market.store.trouble is None, what="it goes on by itself")
        passed(stage, product)


def test_row_24_a_file_that_may_not_grow_loses_nothing(tmp_path: Path) -> None:
    """The system refuses every write behind the end that the files have now; then it does not any more."""
    with Stage(tmp_path, seed=24) as stage, Lean(stage) as product:
        product.until_live()
        limits = resource.prlimit(product.process.pid, resource.RLIMIT_FSIZE)
        largest = max(file.stat().st_size for file in stage.data_dir.iterdir())
        resource.prlimit(product.process.pid, resource.RLIMIT_FSIZE, (largest + 50_000, limits[1]))
        stage.exchange.faults.tempo(100)
        wait_until(lambda: stands_still(stage, product), what="nothing is stored any more", within_s=60)
        stage.exchange.faults.tempo(1)
        resource.prlimit(product.process.pid, resource.RLIMIT_FSIZE, limits)
        stage.quiesce(product.seen)
        product.end()
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0


def stands_still(stage: Stage, product: Lean) -> bool:
    """Whether the product is far behind the market."""
    return stage.exchange.newest_id("BTCUSDT") - (product.seen()["BTCUSDT"].last_id or 0) > 3_000


@contextmanager
def failing_fsync(pid: int, log: Path) -> Iterator[None]:
    """Every fsync and fdatasync of a running process fails, as on a dying disk."""
    inject = "inject=fsync,fdatasync:error=EIO"
    command = ["strace", "-f", "-qq", "-p", str(pid), "-e", "trace=fsync,fdatasync", "-e", inject, "-o", str(log)]
    tracer = subprocess.Popen(command)
    try:
        yield
    finally:
        tracer.terminate()
        tracer.wait(timeout=30)


def can_trace() -> bool:
    """Whether system calls can be made to fail here."""
    if shutil.which("strace") is None:
        return False
    return (
        subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(not can_trace(), reason="strace is not there or not allowed: it makes the system calls fail")
def test_row_25_after_a_failed_fsync_nothing_is_claimed_that_is_not_so(tmp_path: Path) -> None:
    log = tmp_path / "strace.log"
    with Stage(tmp_path, seed=25) as stage:
        with Lean(stage) as product:
            product.until_live()
            with failing_fsync(product.process.pid, log):
                stage.exchange.faults.tempo(400)
                # The log is made sure of when it is moved into the database, which takes some thousand trades.
                wait_until(lambda: log.exists() and "INJECTED" in log.read_text(), what="an fsync fails", within_s=100)
                newest = stage.exchange.newest_id("BTCUSDT") + 2_000
                wait_until(lambda: stage.exchange.newest_id("BTCUSDT") > newest, what="the market goes on", within_s=60)
            stage.exchange.faults.tempo(1)
            product.end()
        with Lean(stage) as product:
            stage.quiesce(product.seen)
            product.end()
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0


@pytest.mark.parametrize("harm", ["bytes turned over", "newer", "another program"])
def test_row_29_a_database_that_is_not_ours_is_refused_and_left_alone(tmp_path: Path, harm: str) -> None:
    with Stage(tmp_path, seed=29) as stage:
        with Inside(stage) as product:
            product.until_live()
        file = stage.database
        if harm == "bytes turned over":
            content = bytearray(file.read_bytes())
            content[:40] = bytes(255 - byte for byte in content[:40])
            file.write_bytes(content)
        else:
            change = (
                "UPDATE alembic_version SET version_num = '9999'" if harm == "newer" else "DROP TABLE alembic_version"
            )
            with closing(sqlite3.connect(file)) as database:
                database.execute(change)
                database.commit()
        before = file.read_bytes()
        addresses = ["--market-ws-url", stage.exchange.market_ws_url, "--rest-url", stage.exchange.rest_url]
        ran = run_once(
            "--source",
            "live",
            "--no-browser",
            "--port",
            str(free_port()),
            "--data-dir",
            str(stage.data_dir),
            *addresses,
        )
        assert ran.returncode == 2
        assert str(file) in ran.stderr
        assert "Traceback" not in ran.stderr
        assert file.read_bytes() == before


def test_row_31_a_long_reader_does_not_stop_the_writer(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=31) as stage, Inside(stage) as product:
        product.until_live()
        with closing(sqlite3.connect(f"file:{stage.database}?mode=ro", uri=True, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            held = reader.execute("SELECT count(*) FROM ticks").fetchone()
            stage.exchange.faults.tempo(100)
            newest = stage.exchange.newest_id("BTCUSDT") + 10_000
            wait_until(lambda: (product.seen()["BTCUSDT"].last_id or 0) > newest, what="it writes on", within_s=60)
            assert reader.execute("SELECT count(*) FROM ticks").fetchone() == held
            log = stage.database.with_name(stage.database.name + "-wal").stat().st_size
            assert log < 64 * 2**20
        stage.exchange.faults.tempo(1)
        passed(stage, product)
