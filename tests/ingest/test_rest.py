"""The REST client over real HTTP: what each answer means, and that a ban stops every kind of request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from analytics.errors import SourceUnavailable
from analytics.market import Timeframe
from ingest.ban_file import remembered_budget
from ingest.binance_rest import decode_agg_trades, decode_listings
from ingest.rest import Refusal, RestClient, Silenced
from ingest.simulator import LocalExchange
from ingest.weight import WeightBudget
from services.clock import SystemClock
from tests.fakes import FakeClock, wait_until
from tests.ingest.http_door import Answer, Door, http_door

CLOCK = SystemClock()
HOUR = 3_600_000
FAULT = b'{"code":-1003,"msg":"Way too many requests"}'

CALLS: dict[str, Callable[[RestClient], object]] = {
    "time": lambda rest: rest.clock_offset_ms(),
    "listings": lambda rest: rest.listings(),
    "trades by id": lambda rest: rest.trades_from("BTCUSDT", 1),
    "newest trades": lambda rest: rest.newest_trades("BTCUSDT"),
    "candles": lambda rest: rest.candles("BTCUSDT", Timeframe.M1, start_ms=0, end_ms=HOUR),
    "a quote": lambda rest: rest.quotes("BTCUSDT"),
    "all quotes": lambda rest: rest.quotes(),
    "a funding rate": lambda rest: rest.fundings("BTCUSDT"),
    "all funding rates": lambda rest: rest.fundings(),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.fixture
def door() -> Iterator[Door]:
    with http_door() as running:
        yield running


@pytest.fixture(scope="module")
def exchange() -> Iterator[LocalExchange]:
    with LocalExchange(seed=3) as running:
        yield running


def test_a_list_with_nothing_but_names_is_enough() -> None:
    listed = decode_listings(b'{"symbols":[{"symbol":"ETHUSDT"},{"symbol":"OLDUSDT","status":"BREAK"}]}')
    assert [one.symbol for one in listed] == ["ETHUSDT"]


GOOD = {"a": 7, "p": "1.5", "q": "2", "f": 1, "l": 1, "T": 1_700_000_000_000, "m": True}


@pytest.mark.parametrize(
    "change",
    [{"p": "0"}, {"p": "-1"}, {"p": 1.5}, {"p": "NaN"}, {"q": "0"}, {"T": 0}, {"T": 1_900_000_000_000}, {"a": "8"}],
    ids=str,
)
def test_a_row_that_cannot_be_true_is_counted_and_proves_nothing(door: Door, change: dict[str, object]) -> None:
    page = [GOOD, GOOD | {"a": 8} | change, GOOD | {"a": 9}]
    ticks, bad_rows = decode_agg_trades(json.dumps(page).encode(), 1_800_000_000_000)
    assert (ticks.trade_id.tolist(), bad_rows) == ([7, 9], 1)
    door.answer = lambda _path: Answer(200, json.dumps(page).encode())
    with pytest.raises(Refusal, match="cannot be true") as refused:
        RestClient(door.url, FakeClock(1_750_000_000_000), WeightBudget()).trades_from("BTCUSDT", 7)
    assert refused.value.about_request


def test_pages_equal_the_truth(exchange: LocalExchange) -> None:
    rest = RestClient(exchange.rest_url, CLOCK, WeightBudget())
    newest = exchange.newest_id("ETHUSDT")
    page = rest.trades_from("ETHUSDT", newest - 2_000, 700)
    truth = exchange.truth("ETHUSDT", newest - 2_000, newest - 1_301)
    np.testing.assert_array_equal(page.trade_id, truth.trade_id)
    np.testing.assert_array_equal(page.price, truth.price)
    assert rest.newest_trades("ETHUSDT", 5).trade_id[-1] >= newest
    btc = next(one for one in rest.listings() if one.symbol == "BTCUSDT")
    assert (btc.base, btc.quote, btc.tick_size, btc.price_decimals) == ("BTC", "USDT", 0.1, 1)
    assert abs(rest.clock_offset_ms() - (CLOCK.now_ms() - CLOCK.monotonic_ms())) < 1_000
    facts = rest.facts()
    assert (facts.host, facts.allowed, facts.silent_until_ms, facts.trouble) == ("127.0.0.1", 1200, None, None)
    assert facts.used >= 42
    rest.close()


@every_call
@pytest.mark.parametrize("status", [403, 418, 429, 451])
def test_after_a_refusal_nothing_at_all_is_sent_until_the_silence_is_over(
    door: Door, call: Callable[[RestClient], object], status: int
) -> None:
    clock, budget = FakeClock(), WeightBudget()
    door.answer = lambda _path: Answer(status, FAULT, {"Retry-After": "400"})
    rest = RestClient(door.url, clock, budget)
    with pytest.raises(Refusal, match="Way too many requests") as refused:
        call(rest)
    assert (refused.value.status, refused.value.about_request) == (status, False)
    # Another client with the same budget, as the probe is.
    for client in (rest, RestClient(door.url, clock, budget)):
        for each in CALLS.values():
            with pytest.raises(Silenced, match="has asked for silence for"):
                each(client)
    assert len(door.asked) == 1
    facts = rest.facts()
    assert facts.silent_until_ms == clock.now_ms() + 400_000
    assert str(status) in (facts.trouble or "")
    clock.pass_ms(400_000)
    with pytest.raises(Refusal):
        call(rest)
    assert len(door.asked) == 2


@every_call
def test_a_refusal_counts_although_its_page_is_cut_short(door: Door, call: Callable[[RestClient], object]) -> None:
    door.answer = lambda _path: Answer(
        418, FAULT, {"Retry-After": "400", "Content-Length": "9999", "Connection": "close"}
    )
    rest = RestClient(door.url, FakeClock(), WeightBudget())
    with pytest.raises(SourceUnavailable):
        call(rest)
    for each in CALLS.values():
        with pytest.raises(Silenced, match="HTTP 418"):
            each(rest)
    assert len(door.asked) == 1


@every_call
def test_after_a_restart_inside_a_ban_nothing_is_sent(
    door: Door, tmp_path: Path, call: Callable[[RestClient], object]
) -> None:
    clock, path = FakeClock(), tmp_path / "bans.json"
    door.answer = lambda _path: Answer(418, FAULT, {"Retry-After": "7200"})
    with pytest.raises(Refusal):
        call(RestClient(door.url, clock, remembered_budget(path, door.url, clock.now_ms())))
    clock.pass_ms(7_199_000)
    restarted = RestClient(door.url, clock, remembered_budget(path, door.url, clock.now_ms()))
    with pytest.raises(Silenced, match=r"for 1 s more.*HTTP 418"):
        call(restarted)
    assert len(door.asked) == 1
    clock.pass_ms(1_000)
    with pytest.raises(Refusal):
        call(restarted)
    assert len(door.asked) == 2


@every_call
@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(200, b" <!DOCTYPE html><html>Please log in</html>"), "something in between answers for 127.0.0.1"),
        (Answer(302, b"", {"Location": "http://127.0.0.1:9/login"}), "302"),
        (Answer(500, b"<html>oops</html>"), "HTTP 500"),
        (Answer(200, b'[{"a":1,'), "something else"),
        (Answer(200, b"null"), "something else"),
    ],
    ids=["login page", "redirect", "server fault", "cut short", "null"],
)
def test_what_is_no_answer_of_the_exchange_is_never_taken_for_one(
    door: Door, call: Callable[[RestClient], object], answer: Answer, sentence: str
) -> None:
    door.answer = lambda _path: answer
    rest = RestClient(door.url, CLOCK, WeightBudget())
    with pytest.raises(SourceUnavailable, match=sentence) as failed:
        call(rest)
    assert not getattr(failed.value, "about_request", False)
    assert rest.facts().trouble == failed.value.reason
    assert len(door.asked) == 1


def test_the_exchanges_own_400_is_told_from_a_strangers(door: Door) -> None:
    rest = RestClient(door.url, CLOCK, WeightBudget())
    door.answer = lambda _path: Answer(400, b'{"code":-4144,"msg":"Invalid parameter."}')
    with pytest.raises(Refusal, match="Invalid parameter") as own:
        rest.trades_from("BTCUSDT", 1)
    door.answer = lambda _path: Answer(400, b"<html>Bad Request</html>")
    with pytest.raises(Refusal) as strange:
        rest.trades_from("BTCUSDT", 1)
    assert (own.value.about_request, strange.value.about_request) == (True, False)


def test_the_weight_that_others_used_is_counted(door: Door) -> None:
    rest = RestClient(door.url, FakeClock(), WeightBudget())
    door.answer = lambda _path: Answer(200, b"[]", {"X-MBX-USED-WEIGHT-1M": "1199"})
    rest.trades_from("BTCUSDT", 1)
    assert rest.facts().used == 1199
    ended: list[str] = []

    def ask() -> None:
        try:
            rest.trades_from("BTCUSDT", 1)
        except SourceUnavailable as error:
            ended.append(error.reason)

    asking = threading.Thread(target=ask)
    asking.start()
    rest.close()
    wait_until(lambda: ended, what="the waiting request is let go")
    asking.join(10)
    assert ended == ["stopped"]
    assert len(door.asked) == 1


def test_after_failures_the_next_heavy_request_waits_and_light_ones_do_not(door: Door) -> None:
    clock, budget = FakeClock(), WeightBudget()
    door.answer = lambda _path: Answer(503, b"")
    rest = RestClient(door.url, clock, budget)
    for n in range(1, 5):
        with pytest.raises(Refusal):
            rest.trades_from("BTCUSDT", 1)
        assert budget.take(20, clock.now_ms()) >= 250 * 2 ** (n - 1) - 1
        assert budget.take(1, clock.now_ms(), light=True) == 0
        clock.pass_ms(30_000)
    door.answer = lambda _path: Answer(200, b"[]")
    assert len(rest.trades_from("BTCUSDT", 1)) == 0
    assert budget.take(20, clock.now_ms()) == 0
