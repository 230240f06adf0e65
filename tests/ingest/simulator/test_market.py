"""Laws of the market model: it is a function of (seed, symbol, time), on its grids, without holes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from statsmodels.tsa.stattools import coint

from ingest.simulator.calendar import BLOCK_MS, BLOCKS_PER_DAY, DAY_MS, MINUTE_MS, OPENING_MS
from ingest.simulator.listing import INSTRUMENTS, Instrument
from ingest.simulator.market import Market
from ingest.simulator.prices import BREAK_FADE_MS
from ingest.simulator.trades import Trades

SYMBOLS = [i.symbol for i in INSTRUMENTS]
DAY = 794  # 2026-03-05
blocks = st.integers(DAY * BLOCKS_PER_DAY, (DAY + 2) * BLOCKS_PER_DAY)


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(seed=7)


def assert_same(some: Trades, others: Trades) -> None:
    for name in Trades.__slots__:
        assert_array_equal(getattr(some, name), getattr(others, name))


def closes(market: Market, symbol: str, start_ms: int, seconds: int) -> np.ndarray:
    """(seconds,) last price at the end of each second."""
    before = market.newest_id(symbol, start_ms)
    trades = market.trades(symbol, before, market.newest_id(symbol, start_ms + 1000 * seconds - 1))
    ends = start_ms + 1000 * np.arange(1, seconds + 1)
    return np.asarray(trades.price_units[np.searchsorted(trades.time_ms, ends) - 1], float)


def test_two_markets_of_one_seed_are_the_same_market_wherever_they_are_entered(market: Market) -> None:
    other = Market(seed=7)
    other.newest_id("BTCUSDT", OPENING_MS + 500 * DAY_MS)  # the other one came here by another way
    for symbol in SYMBOLS:
        newest = market.newest_id(symbol, OPENING_MS + DAY * DAY_MS)
        assert_same(market.trades(symbol, newest - 500, newest + 500), other.trades(symbol, newest - 500, newest + 500))


def test_another_seed_is_another_market(market: Market) -> None:
    other = Market(seed=8)
    newest = market.newest_id("BTCUSDT", OPENING_MS + DAY * DAY_MS)
    some, others = market.trades("BTCUSDT", newest - 50, newest), other.trades("BTCUSDT", newest - 50, newest)
    assert not np.array_equal(some.price_units, others.price_units)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_ids_times_and_fills_go_on_without_a_hole_over_minutes_and_midnight(market: Market, symbol: str) -> None:
    midnight = (DAY + 1) * BLOCKS_PER_DAY
    parts = [market.block(symbol, b) for b in range(midnight - 2, midnight + 2)]
    trades = parts[0].joined(*parts[1:])
    assert_array_equal(np.diff(trades.trade_id), 1)
    assert (np.diff(trades.time_ms) >= 0).all()
    assert (trades.first_fill[1:] > trades.last_fill[:-1]).all()
    assert (trades.last_fill >= trades.first_fill).all()
    minutes = np.unique(trades.time_ms // MINUTE_MS)
    assert_array_equal(np.diff(minutes), 1)  # no minute without a trade
    for number, part in zip(range(midnight - 2, midnight + 2), parts, strict=True):
        assert_array_equal((part.time_ms - OPENING_MS) // BLOCK_MS, number)


def test_the_first_trade_of_all_has_id_one(market: Market) -> None:
    for symbol in SYMBOLS:
        first = market.trades(symbol, 1, 3)
        assert first.trade_id.tolist() == [1, 2, 3]
        assert OPENING_MS <= int(first.time_ms[0]) < OPENING_MS + MINUTE_MS
        assert market.newest_id(symbol, OPENING_MS - 1) == 0


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda i: i.symbol)
def test_prices_and_quantities_lie_on_their_grids(market: Market, instrument: Instrument) -> None:
    trades = market.block(instrument.symbol, DAY * BLOCKS_PER_DAY + 77)
    assert (trades.price_units % instrument.tick_units == 0).all()
    assert (trades.price_units > 0).all()
    assert (trades.quantity_units >= trades.last_fill - trades.first_fill + 1).all()  # a fill is at least one step
    assert (trades.normal_units <= trades.quantity_units).all()
    assert (trades.normal_units > 0).all()


@settings(max_examples=40, deadline=None)
@given(symbol=st.sampled_from(SYMBOLS), block=blocks, data=st.data())
def test_an_id_is_found_in_its_block_and_at_its_time(
    market: Market, symbol: str, block: int, data: st.DataObject
) -> None:
    trades = market.block(symbol, block)
    row = data.draw(st.integers(0, len(trades) - 1))
    trade_id, time_ms = int(trades.trade_id[row]), int(trades.time_ms[row])
    assert market.block_of(symbol, trade_id) == block
    assert market.newest_id(symbol, time_ms) >= trade_id
    assert market.newest_id(symbol, time_ms - 1) < trade_id
    assert_same(market.trades(symbol, trade_id, trade_id), trades.rows(row, row + 1))


def test_each_symbol_trades_its_number_every_day(market: Market) -> None:
    for instrument in INSTRUMENTS:
        days = [market.newest_id(instrument.symbol, OPENING_MS + (DAY + k) * DAY_MS - 1) for k in range(3)]
        assert days == [(DAY + k) * instrument.trades_per_day for k in range(3)]


def test_prices_stay_near_their_level_for_thirty_years(market: Market) -> None:
    for instrument in INSTRUMENTS:
        days = range(1, 11_000, 151)
        prices = [market.bid_units(instrument.symbol, OPENING_MS + d * DAY_MS) for d in days]
        relative = np.array(prices) / 10**instrument.price_decimals / instrument.anchor
        assert 0.5 < relative.min() < relative.max() < 2.0


def test_bitcoin_moves_as_much_as_bitcoin(market: Market) -> None:
    prices = closes(market, "BTCUSDT", OPENING_MS + DAY * DAY_MS, 86_400)[::60]
    assert 4e-4 < np.diff(np.log(prices)).std() < 9e-4  # a minute; about 6 basis points


def engle_granger(market: Market, y: str, x: str) -> dict[int, float]:
    """p-value of 25 minutes of one-second prices, by start. A fixed number of lags: searching one takes seconds."""
    starts = [OPENING_MS + DAY * DAY_MS + k * 7_300_000 for k in range(8)]
    return {s: coint(closes(market, y, s, 1500), closes(market, x, s, 1500), maxlag=6, autolag=None)[1] for s in starts}


def test_bitcoin_and_ether_are_cointegrated_for_anybody_who_looks_at_25_minutes(market: Market) -> None:
    pvalues = engle_granger(market, "BTCUSDT", "ETHUSDT")
    assert sum(p < 0.05 for p in pvalues.values()) >= 7, f"seed 7, p-value by start: {pvalues}"


def test_ripple_and_cardano_are_not(market: Market) -> None:
    pvalues = engle_granger(market, "XRPUSDT", "ADAUSDT")
    assert sum(p < 0.05 for p in pvalues.values()) <= 2, f"seed 7, p-value by start: {pvalues}"


def test_the_deviation_of_bitcoin_reverts_with_its_published_half_life(market: Market) -> None:
    start = OPENING_MS + DAY * DAY_MS + 3_600_000
    deviation = closes(market, "BTCUSDT", start, 7200) / 100 - 22.0 * closes(market, "ETHUSDT", start, 7200) / 100
    centred = deviation - deviation.mean()
    # Two lags, so that the noise of the last trade's age (white) drops out of the ratio.
    decay_of_20_s = (centred[40:] @ centred[:-40]) / (centred[20:] @ centred[:-20])
    assert 0.35 < decay_of_20_s < 0.65


def test_dogecoin_keeps_its_relation_between_breaks_and_changes_it_at_each(market: Market) -> None:
    begins = OPENING_MS + DAY * DAY_MS + 8 * 3_600_000  # 08:00 UTC, a multiple of four hours

    def legs(start_ms: int) -> tuple[np.ndarray, np.ndarray]:
        return closes(market, "DOGEUSDT", start_ms, 1500), closes(market, "1000SHIBUSDT", start_ms, 1500)

    y, x = legs(begins - 3_600_000)
    slope, intercept = np.polyfit(x, y, 1)
    usual = (y - slope * x - intercept).std()

    def departure(start_ms: int) -> float:
        y, x = legs(start_ms)
        return float(abs((y - slope * x - intercept).mean()) / usual)

    assert departure(begins - 1_800_000) < 3
    assert departure(begins + BREAK_FADE_MS) > 6
    assert departure(begins - 4 * 3_600_000 - 1_800_000) > 3  # nor did it hold before the break at 04:00
