"""Streams that are mute, and trades that are not sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.simulator import LocalExchange
from ingest.simulator.faults import FaultRefused
from tests.ingest.simulator.conftest import HandClock, RestClient, wait_until
from tests.ingest.simulator.faults.conftest import TRADES, Knock, Raw, port_of

BOTH = "/market/ws/btcusdt@aggTrade/ethusdt@aggTrade/btcusdt@markPrice@1s"


def traded(exchange: LocalExchange, clock: HandClock, milliseconds: int = 10_000) -> int:
    """Let some seconds pass; the newest id of BTCUSDT after them."""
    before = exchange.newest_id("BTCUSDT")
    clock.advance(milliseconds)
    wait_until(lambda: exchange.newest_id("BTCUSDT") > before)
    return exchange.newest_id("BTCUSDT")


def ids(rest: RestClient, query: str) -> list[int]:
    return [row["a"] for row in rest.rows(f"/fapi/v1/aggTrades?symbol=BTCUSDT&{query}")]


@pytest.mark.parametrize(
    ("streams", "heard"),
    [("aggTrade", {"aggTrade ETHUSDT", "markPriceUpdate BTCUSDT"}), ("all", {"aggTrade ETHUSDT"})],
)
def test_a_mute_symbol_says_nothing_and_the_others_go_on(
    exchange: LocalExchange, clock: HandClock, open_raw: Knock, rest: RestClient, streams: str, heard: set[str]
) -> None:
    raw = open_raw(BOTH)
    exchange.faults.mute(["BTCUSDT"], streams=streams)  # type: ignore[arg-type]
    newest = traded(exchange, clock)
    found = set()
    while not raw.is_silent():
        found |= {f"{e['e']} {e['s']}" for e in raw.events(1)}
    assert found == heard
    assert ids(rest, "limit=1") == [newest]  # ids go on, and REST has them
    exchange.faults.unmute()
    traded(exchange, clock)
    said = raw.events(1)[0]
    while said["e"] != "aggTrade" or said["s"] != "BTCUSDT":
        said = raw.events(1)[0]
    assert said["a"] == newest + 1


def test_everything_can_be_mute(exchange: LocalExchange, clock: HandClock, open_raw: Knock) -> None:
    raw = open_raw(BOTH)
    exchange.faults.mute()
    traded(exchange, clock)
    assert raw.is_silent()


@pytest.mark.parametrize("in_rest", [True, False])
def test_withheld_trades_are_never_sent_and_rest_has_them_only_if_it_may(
    clock: HandClock, tmp_path: Path, *, in_rest: bool
) -> None:
    path = tmp_path / "truth.csv"
    with LocalExchange(seed=7, now_ms=clock, truth_path=path) as exchange:
        raw, rest = Raw(port_of(exchange), TRADES).shake(), RestClient(exchange.rest_url)
        before = exchange.newest_id("BTCUSDT")
        told = exchange.faults.withhold("BTCUSDT", 20, rest=in_rest)
        assert told == {"ok": True, "first_id": before + 1, "last_id": before + 20}
        newest = traded(exchange, clock, 20_000)
        assert newest > before + 30
        assert [e["a"] for e in raw.events(newest - before - 20)] == list(range(before + 21, newest + 1))
        hole = set(range(before + 1, before + 21))
        every = list(range(before - 9, before + 31))
        expected = every if in_rest else [a for a in every if a not in hole]
        assert ids(rest, f"fromId={before - 9}&limit={len(expected)}") == expected
        assert ids(rest, f"fromId={before + 5}&limit=1") == [before + 5 if in_rest else before + 21]
        newest_rows = ids(rest, f"limit={newest - before + 5}")
        assert (set(newest_rows) & hole == hole) is in_rest
        assert len(newest_rows) == newest - before + 5
        rest.connection.close()
        raw.socket.close()
    logged = {int(line.split(",")[1]) for line in path.read_text().splitlines() if line.startswith("BTCUSDT,")}
    assert hole <= logged


def test_clear_withholds_no_more_and_leaves_the_hole(
    exchange: LocalExchange, clock: HandClock, open_raw: Knock, rest: RestClient
) -> None:
    raw = open_raw(TRADES)
    before = exchange.newest_id("BTCUSDT")
    exchange.faults.withhold("BTCUSDT", 100_000, rest=False)
    newest = traded(exchange, clock)
    assert exchange.faults.state()["faults"] == [
        {"do": "withhold", "symbol": "BTCUSDT", "left": 100_000 - (newest - before)}
    ]
    exchange.faults.clear()
    assert exchange.faults.state()["faults"] == []
    after = traded(exchange, clock)
    assert raw.events(1)[0]["a"] == newest + 1
    assert ids(rest, f"fromId={before}") == [before, *range(newest + 1, after + 1)]


def test_an_unknown_symbol_or_number_is_refused(exchange: LocalExchange) -> None:
    refused: list[Callable[[], object]] = [
        lambda: exchange.faults.mute(["NOSUCH"]),
        lambda: exchange.faults.withhold("NOSUCH", 1),
        lambda: exchange.faults.withhold("BTCUSDT", 0),
        lambda: exchange.faults.withhold("BTCUSDT", -5),
        lambda: exchange.faults.horizon(float("nan")),
        lambda: exchange.faults.horizon(-1),
        lambda: exchange.faults.rest(status=99),
        lambda: exchange.faults.rest(status=204),
        lambda: exchange.faults.rest("fapi"),
        lambda: exchange.faults.cut(how="gently"),  # type: ignore[arg-type]
        lambda: exchange.faults.cut(how="close", code=70_000),
        lambda: exchange.faults.stall(for_s=-1),
        lambda: exchange.faults.door(how="status", count=0),
    ]
    for fault in refused:
        with pytest.raises(FaultRefused, match=r"^[A-Z'].*\.$"):
            fault()
    assert exchange.faults.state()["faults"] == []
