"""Trades that come twice, out of order, under new ids, or from a market whose time runs fast."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.simulator import LocalExchange
from ingest.simulator.faults import FaultRefused
from tests.ingest.simulator.conftest import NOON_MS, HandClock, RestClient, wait_until
from tests.ingest.simulator.faults.conftest import TRADES, Knock, Raw, port_of


def traded(exchange: LocalExchange, clock: HandClock, milliseconds: int = 10_000) -> int:
    before = exchange.newest_id("BTCUSDT")
    clock.advance(milliseconds)
    wait_until(lambda: exchange.newest_id("BTCUSDT") > before)
    return exchange.newest_id("BTCUSDT")


def test_repeated_trades_are_the_same_trades(exchange: LocalExchange, clock: HandClock, open_raw: Knock) -> None:
    raw = open_raw(TRADES)
    before = exchange.newest_id("BTCUSDT")
    newest = traded(exchange, clock)
    first = raw.events(newest - before)
    assert exchange.faults.repeat("BTCUSDT", 5) == {"ok": True, "sent": 5}
    again = raw.events(5)
    assert [e | {"E": 0} for e in again] == [e | {"E": 0} for e in first[-5:]]
    traded(exchange, clock)
    assert raw.events(1)[0]["a"] == newest + 1


def test_withheld_trades_are_not_repeated(exchange: LocalExchange, clock: HandClock, open_raw: Knock) -> None:
    raw = open_raw(TRADES)
    exchange.faults.withhold("BTCUSDT", 10)
    hole = exchange.newest_id("BTCUSDT") + 10
    newest = traded(exchange, clock)
    raw.events(newest - hole)
    assert exchange.faults.repeat("BTCUSDT", newest - hole + 10)["sent"] == newest - hole
    assert raw.events(1)[0]["a"] == hole + 1


def test_shuffled_trades_all_come_and_none_far_from_its_place(
    exchange: LocalExchange, clock: HandClock, open_raw: Knock
) -> None:
    raw = open_raw(TRADES)
    before = exchange.newest_id("BTCUSDT")
    exchange.faults.shuffle("BTCUSDT", 8, 60, seed=3)
    with pytest.raises(FaultRefused, match="already"):
        exchange.faults.shuffle("BTCUSDT", 8, 60)
    newest = before
    while newest < before + 80:
        newest = traded(exchange, clock, 2_000)
    came = [e["a"] for e in raw.events(newest - before)]
    assert sorted(came) == list(range(before + 1, newest + 1))
    displaced = [abs(a - before - 1 - place) for place, a in enumerate(came)]
    assert 0 < max(displaced) <= 8
    assert max(displaced[60:]) == 0
    assert exchange.faults.state()["faults"] == []


def test_clear_ends_a_shuffle_and_loses_nothing(exchange: LocalExchange, clock: HandClock, open_raw: Knock) -> None:
    raw = open_raw(TRADES)
    before = exchange.newest_id("BTCUSDT")
    exchange.faults.shuffle("BTCUSDT", 50, 100_000)
    traded(exchange, clock, 3_000)
    exchange.faults.clear()
    newest = traded(exchange, clock, 3_000)
    assert sorted(e["a"] for e in raw.events(newest - before)) == list(range(before + 1, newest + 1))


def test_new_ids_begin_at_one_everywhere(clock: HandClock, tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    with LocalExchange(seed=7, now_ms=clock, truth_path=path) as exchange:
        raw, rest = Raw(port_of(exchange), TRADES).shake(), RestClient(exchange.rest_url)
        old = traded(exchange, clock)
        assert exchange.faults.new_ids("BTCUSDT") == {"ok": True, "last_id": old}
        assert exchange.newest_id("BTCUSDT") == 0
        assert rest.rows("/fapi/v1/aggTrades?symbol=BTCUSDT") == []
        newest = traded(exchange, clock)
        assert 10 < newest < 1_000
        came = [raw.events(1)[0]]
        while came[-1]["a"] != newest:
            came += raw.events(1)
        new = came[[e["a"] for e in came].index(1) :]
        assert [e["a"] for e in new] == list(range(1, newest + 1))
        rows = rest.rows("/fapi/v1/aggTrades?symbol=BTCUSDT&fromId=1")
        columns = ("a", "p", "q", "f", "l", "T", "m")
        assert [[row[c] for c in columns] for row in rows] == [[e[c] for c in columns] for e in new]
        since = f"/fapi/v1/aggTrades?symbol=BTCUSDT&startTime={NOON_MS - 60_000}&endTime={clock.now_ms}"
        assert [row["a"] for row in rest.rows(since)] == list(range(1, newest + 1))  # the other history is no more
        assert rest.rows(f"/fapi/v1/aggTrades?symbol=BTCUSDT&fromId={old}") == []
        truth = exchange.truth("BTCUSDT", 1, newest, history=-1)
        assert truth.trade_id.tolist() == list(range(1, newest + 1))
        assert truth.time_ms.tolist() == [e["T"] for e in new]
        assert exchange.truth("BTCUSDT", old + 1, old + newest).time_ms.tolist() == truth.time_ms.tolist()
        assert exchange.faults.repeat("BTCUSDT", 10_000)["sent"] == newest
        rest.connection.close()
        raw.socket.close()
    lines = [line for line in path.read_text().splitlines() if "BTCUSDT" in line]
    cut = lines.index("# new_ids BTCUSDT")
    assert lines[cut - 1].startswith(f"BTCUSDT,{old},")
    logged = [(int(a), p, q) for _, a, p, q, *_ in (line.split(",") for line in lines[cut + 1 :])]
    assert logged == [(e["a"], e["p"], e["q"]) for e in new]


def test_new_ids_can_begin_anew_again_and_holes_stay_where_they_were(
    exchange: LocalExchange, clock: HandClock, rest: RestClient
) -> None:
    exchange.faults.new_ids("BTCUSDT")
    traded(exchange, clock)
    told = exchange.faults.withhold("BTCUSDT", 3, rest=False)
    newest = traded(exchange, clock)
    rows = rest.rows("/fapi/v1/aggTrades?symbol=BTCUSDT&fromId=1&limit=1000")
    hole = set(range(told["first_id"], told["last_id"] + 1))
    assert [row["a"] for row in rows] == [a for a in range(1, newest + 1) if a not in hole]
    assert exchange.faults.new_ids("BTCUSDT")["last_id"] == newest
    newest = traded(exchange, clock)
    rows = rest.rows("/fapi/v1/aggTrades?symbol=BTCUSDT&fromId=1&limit=1000")
    assert [row["a"] for row in rows] == list(range(1, newest + 1))
    assert exchange.newest_id("ETHUSDT") > 1_000_000  # the others keep theirs


def test_time_runs_fast_for_streams_and_rest_alike(clock: HandClock) -> None:
    with LocalExchange(seed=7, now_ms=clock, behind_ms=3_600_000) as exchange:
        raw, rest = Raw(port_of(exchange), TRADES + "/btcusdt@markPrice").shake(), RestClient(exchange.rest_url)
        assert exchange.now_ms() == NOON_MS - 3_600_000
        before = exchange.newest_id("BTCUSDT")
        exchange.faults.tempo(60)
        assert exchange.faults.state()["speed"] == 60
        clock.advance(1_000)
        now_ms = NOON_MS - 3_540_000
        assert rest.rows("/fapi/v1/time") == {"serverTime": now_ms}
        wait_until(lambda: int(exchange.truth("BTCUSDT", last(exchange) + 1, last(exchange) + 1).time_ms[0]) > now_ms)
        events = raw.events(last(exchange) - before + 1)
        trades = [e for e in events if e["e"] == "aggTrade"]
        assert {e["E"] for e in events} == {now_ms}
        assert {e["e"] for e in events} == {"aggTrade", "markPriceUpdate"}  # time jumped, the heartbeat came
        assert [e["a"] for e in trades] == list(range(before + 1, last(exchange) + 1))
        assert trades[-1]["T"] - trades[0]["T"] > 50_000
        exchange.faults.clear()
        clock.advance(1_000)
        assert rest.rows("/fapi/v1/time") == {"serverTime": now_ms + 1_000}
        rest.connection.close()
        raw.socket.close()


def last(exchange: LocalExchange) -> int:
    return exchange.newest_id("BTCUSDT")


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf"), 20_000])
def test_a_tempo_that_cannot_be_is_refused(exchange: LocalExchange, speed: float) -> None:
    with pytest.raises(FaultRefused):
        exchange.faults.tempo(speed)
    with pytest.raises(ValueError, match="tempo"):
        LocalExchange(tempo=speed)


def test_a_start_before_the_market_opened_is_refused(clock: HandClock) -> None:
    for behind_ms in (-1, 10 * 365 * 86_400_000):
        with pytest.raises(ValueError, match="behind"):
            LocalExchange(now_ms=clock, behind_ms=behind_ms)


def test_one_that_was_stopped_goes_on_where_it_would_be_and_its_log_has_no_hole(
    clock: HandClock, tmp_path: Path
) -> None:
    path = tmp_path / "truth.csv"
    exchange = LocalExchange(seed=7, now_ms=clock, truth_path=path, behind_ms=3_600_000)
    with exchange:
        exchange.faults.new_ids("BTCUSDT")
        exchange.faults.withhold("BTCUSDT", 10, rest=False)
        before_stop = traded(exchange, clock)
        exchange.faults.withhold("BTCUSDT", 1_000_000, rest=False)
        exchange.faults.mute()
    clock.advance(20_000)
    with exchange:
        assert exchange.now_ms() == NOON_MS - 3_600_000 + 30_000
        assert exchange.newest_id("BTCUSDT") > before_stop + 10
        assert exchange.faults.state()["faults"] == []
        rest = RestClient(exchange.rest_url)
        newest = traded(exchange, clock)
        assert rest.rows("/fapi/v1/aggTrades?symbol=BTCUSDT&fromId=1&limit=1")[0]["a"] == 11
        rows = rest.rows(f"/fapi/v1/aggTrades?symbol=BTCUSDT&fromId={before_stop}&limit=1000")
        assert [row["a"] for row in rows] == list(range(before_stop, newest + 1))
        rest.connection.close()
    logged = [line for line in path.read_text().splitlines() if line.startswith("BTCUSDT")]
    assert [int(line.split(",")[1]) for line in logged] == list(range(1, newest + 1))
