"""Which market opens, and that `auto` goes over to the exchange when it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from analytics.errors import BadInput, StoreError
from ingest.simulator import LocalExchange
from services.clock import SystemClock
from services.desk import Desk
from services.pulse import Pulse
from services.sources import Sources
from settings import Settings
from tests.fakes import wait_until
from tests.ports import free_port

CLOCK = SystemClock()


def settings(data_dir: Path, port: int, **changes: Any) -> Settings:
    options: dict[str, Any] = {
        "data_dir": data_dir,
        "market_ws_url": f"ws://127.0.0.1:{port}/market",
        "rest_url": f"http://127.0.0.1:{port}",
        "history_minutes": 1,
    }
    return Settings(**(options | changes))


@contextmanager
def opened(chosen: Settings) -> Iterator[Desk]:
    desk = Desk(CLOCK, chosen.first_pair)
    pulse = Pulse(desk.refresh, 10)
    sources = Sources(chosen, CLOCK, desk, pulse, retry_every_s=0.2)
    pulse.start()
    try:
        sources.open()
        sources.start()
        yield desk
    finally:
        pulse.stop()
        sources.stop()
        desk.close()


def has_trades(desk: Desk, symbol: str = "BTCUSDT") -> bool:
    status = desk.status().symbols.get(symbol)
    return status is not None and status.ticks_stored > 0 and status.state in {"LIVE", "BACKFILLING"}


def test_auto_shows_the_demo_with_its_reason_and_goes_live_when_the_exchange_answers(tmp_path: Path) -> None:
    port = free_port()
    with opened(settings(tmp_path, port)) as desk:
        wait_until(lambda: desk.status().source == "demo" and has_trades(desk), what="demo market")
        assert "127.0.0.1 refuses the connection" in (desk.status().source_reason or "")
        with LocalExchange(seed=9, port=port):
            wait_until(lambda: desk.status().source == "live" and has_trades(desk), what="the live exchange")
            assert desk.status().source_reason is None
    names = {path.name for path in tmp_path.glob("*.db")}
    assert names == {"127.0.0.1.db", "demo-1.db"}


def test_a_restart_fills_what_was_missed_by_id(tmp_path: Path) -> None:
    with LocalExchange(seed=9) as exchange:
        port = int(exchange.rest_url.rsplit(":", 1)[1])
        chosen = settings(tmp_path, port, source="live", history_minutes=0)
        with opened(chosen) as desk:
            wait_until(lambda: has_trades(desk), what="first trades")
        newest = exchange.newest_id("BTCUSDT")
        wait_until(lambda: exchange.newest_id("BTCUSDT") > newest + 5, what="trades while it is down")
        with opened(chosen) as desk:

            def whole() -> bool:
                status = desk.status().symbols["BTCUSDT"]
                if status.first_id is None or status.last_id is None or status.last_id <= newest + 5:
                    return False
                return status.ticks_stored == status.last_id - status.first_id + 1 and status.gaps_open == 0

            wait_until(whole, what="no hole between the two runs")
            assert desk.status().symbols["BTCUSDT"].gaps_lost == 0


def test_a_symbol_that_the_demo_does_not_list_is_refused_with_a_choice(tmp_path: Path) -> None:
    with (
        pytest.raises(BadInput, match="does not list NOPEUSDT; choose from BTCUSDT"),
        opened(settings(tmp_path, free_port(), source="demo", symbols="BTCUSDT,NOPEUSDT")),
    ):
        pass


def test_a_second_pairwatch_on_the_same_data_is_refused(tmp_path: Path) -> None:
    chosen = settings(tmp_path, free_port(), source="demo")
    with opened(chosen), pytest.raises(StoreError, match="in use by another Pairwatch"), opened(chosen):
        pass


def test_a_symbol_can_be_watched_while_running(tmp_path: Path) -> None:
    with opened(settings(tmp_path, free_port(), source="demo")) as desk:
        wait_until(lambda: any(one.symbol == "SOLUSDT" for one in desk.listings()), what="the list of symbols")
        desk.watch("SOLUSDT")
        wait_until(lambda: has_trades(desk, "SOLUSDT"), what="trades of the added symbol")
