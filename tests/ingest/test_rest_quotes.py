"""Quotes and funding over REST: what the exchange tells, what it does not quote, and what each request costs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from analytics.errors import MalformedFrame
from analytics.quotes import FUNDING_EVERY_MS, Funding, Quote
from ingest.binance_rest import decode_fundings, decode_quotes
from ingest.rest import RestClient
from ingest.simulator import LocalExchange
from ingest.weight import WeightBudget
from services.clock import SystemClock

CLOCK = SystemClock()
QUOTED = {"symbol": "BTCUSDT", "bidPrice": "63958.40", "bidQty": "1.2", "askPrice": "63958.50", "time": 1}
FUNDED = {"symbol": "BTCUSDT", "markPrice": "1", "lastFundingRate": "0.00010000", "nextFundingTime": 9, "time": 5}


@pytest.fixture(scope="module")
def rest() -> Iterator[RestClient]:
    with LocalExchange(seed=3) as exchange:
        client = RestClient(exchange.rest_url, CLOCK, WeightBudget())
        yield client
        client.close()


def used(rest: RestClient) -> int:
    return rest.facts().used


def test_the_quote_stands_where_the_trades_are(rest: RestClient) -> None:
    (quote,) = rest.quotes("BTCUSDT")
    price = rest.newest_trades("BTCUSDT", 1).price[-1]
    assert quote.symbol == "BTCUSDT"
    assert quote.ask - quote.bid == pytest.approx(0.1)
    assert quote.bid == pytest.approx(price, rel=1e-3)
    assert 0 <= CLOCK.monotonic_ms() - quote.taken_ms < 10_000


def test_all_quotes_and_all_rates_come_in_one_request_each(rest: RestClient) -> None:
    listed = {listing.symbol for listing in rest.listings()}
    assert {quote.symbol for quote in rest.quotes()} == listed
    assert {funding.symbol for funding in rest.fundings()} == listed


def test_the_rate_is_the_one_that_will_be_paid_at_the_next_settlement(rest: RestClient) -> None:
    (funding,) = rest.fundings("ETHUSDT")
    assert funding.next_ms % FUNDING_EVERY_MS == 0
    assert 0 <= funding.due_in_ms(CLOCK.monotonic_ms()) <= FUNDING_EVERY_MS
    assert 0 < abs(funding.rate) < 1e-3


def test_each_request_counts_what_the_exchange_counts() -> None:
    with LocalExchange(seed=3) as exchange:
        rest = RestClient(exchange.rest_url, CLOCK, WeightBudget())
        for ask, weight in (
            (lambda: rest.quotes("BTCUSDT"), 2),
            (lambda: rest.quotes(), 5),
            (lambda: rest.fundings("BTCUSDT"), 1),
            (lambda: rest.fundings(), 10),
        ):
            minute, before = CLOCK.now_ms() // 60_000, used(rest)
            ask()
            if CLOCK.now_ms() // 60_000 == minute:
                assert used(rest) - before == weight
        rest.close()


@pytest.mark.parametrize("change", [{"bidPrice": "0.00"}, {"askPrice": "0"}, {"askPrice": "63958.30"}], ids=str)
def test_a_symbol_without_a_whole_quote_is_left_out(change: dict[str, str]) -> None:
    rows = [QUOTED | change, QUOTED | {"symbol": "ETHUSDT"}]
    assert decode_quotes(json.dumps(rows).encode(), 7) == (Quote("ETHUSDT", 63958.4, 63958.5, 7),)
    assert decode_quotes(json.dumps(rows[0]).encode(), 7) == ()


def test_what_is_never_funded_is_left_out() -> None:
    rows = [FUNDED | {"lastFundingRate": "", "nextFundingTime": 0}, FUNDED | {"lastFundingRate": "-0.00037"}]
    assert decode_fundings(json.dumps(rows).encode(), 7) == (Funding("BTCUSDT", -0.00037, 9, 5, 7),)


@pytest.mark.parametrize("body", [b"[1]", b'{"symbol":"A","bidPrice":1.5,"askPrice":"2"}', b'"x"', b"[[[["], ids=repr)
def test_what_is_no_quote_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedFrame):
        decode_quotes(body, 0)
    with pytest.raises(MalformedFrame):
        decode_fundings(body, 0)
