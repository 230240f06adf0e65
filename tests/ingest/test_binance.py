"""Wire strings in, typed columns out; what is broken is named and costs its neighbours nothing."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.binance import combined_url, decode, fitting_address, heartbeat_stream, subscribe_request, trade_stream
from ingest.events import Acknowledged, Complaint
from tests.ingest.wire import agg_trade, combined, mark_price, raw, raw_trade


def test_addresses_name_lower_case_streams_on_the_route() -> None:
    streams = [trade_stream("BTCUSDT"), heartbeat_stream("BTCUSDT")]
    assert (
        combined_url("wss://fstream.binance.com/market/", streams)
        == "wss://fstream.binance.com/market/stream?streams=btcusdt@aggTrade/btcusdt@markPrice@1s"
    )
    assert json.loads(subscribe_request(streams, 7, unsubscribe=True)) == {
        "method": "UNSUBSCRIBE",
        "params": streams,
        "id": 7,
    }


@pytest.mark.parametrize("wrap", [combined, raw])
def test_a_batch_becomes_columns_of_each_symbol(wrap) -> None:  # type: ignore[no-untyped-def]
    batch = decode(
        wrap(
            agg_trade(5, "100.10"),
            agg_trade(9, "3.5", symbol="ETHUSDT", quantity="2"),
            agg_trade(6, "100.20", m=False, time_ms=1_000_001),
            mark_price("100.15"),
        )
    )
    assert batch.refused == ()
    btc, eth = batch.trades
    assert (btc.symbol, eth.symbol) == ("BTCUSDT", "ETHUSDT")
    np.testing.assert_array_equal(btc.ticks.trade_id, [5, 6])
    np.testing.assert_array_equal(btc.ticks.price, [100.10, 100.20])
    np.testing.assert_array_equal(btc.ticks.buyer_is_maker, [True, False])
    assert btc.event_ms == 1_000_004
    assert eth.ticks.quantity[0] == 2.0
    assert batch.marks[0].mark_price == 100.15
    assert batch.marks[0].funding_rate == -0.0001


@given(st.decimals(min_value="0.00000001", max_value="9999999", places=8))
def test_a_price_survives_exactly(price) -> None:  # type: ignore[no-untyped-def]
    text = f"{price:.8f}"
    ticks = decode(combined(agg_trade(1, text))).trades[0].ticks
    assert ticks.price[0] == float(text)
    assert f"{ticks.price[0]:.8f}" == text


HOSTILE_NUMBERS = ["NaN", "Infinity", "1e400", "-1", "0", "0.000", "", " 1", "1_000", "1\n2", "0x10", "1.", ".5", "١"]


@pytest.mark.parametrize("number", HOSTILE_NUMBERS)
@pytest.mark.parametrize("field", ["p", "q"])
def test_a_number_that_is_no_price_is_refused_alone(number: str, field: str) -> None:
    batch = decode(combined(agg_trade(1), agg_trade(2) | {field: number}, agg_trade(3)))
    np.testing.assert_array_equal(batch.trades[0].ticks.trade_id, [1, 3])
    assert [(one.symbol, bool(one.reason)) for one in batch.refused] == [("BTCUSDT", True)]


BROKEN = [
    b"",
    b"junk",
    b'{"stream":"x","data":',
    b"[" * 100_000,
    b'{"stream":"x","data":{"e":"aggTrade"' + b',"x":{"y":1}' * 3 + b"}}",
    b'\xff\xfe{"e":"aggTrade"}',
    combined(agg_trade(2, T="soon"))[0],
    combined(agg_trade(2, a=-1))[0],
    combined(agg_trade(2, m=1))[0],
    combined(agg_trade(2, s=""))[0],
    combined(agg_trade(2, p=1.5))[0],
    combined({"e": "kline", "s": "BTCUSDT"})[0],
    b'{"stream":"a","data":{}},{"stream":"b","data":{}}',
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_message_costs_its_neighbours_nothing(broken: bytes) -> None:
    first, last = combined(agg_trade(1), agg_trade(3))
    batch = decode([first, broken, last])
    np.testing.assert_array_equal(batch.trades[0].ticks.trade_id, [1, 3])
    assert len(batch.refused) == 1
    assert len(batch.refused[0].sample) <= 200


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_nothing_that_arrives_raises(messages: list[bytes]) -> None:
    batch = decode(messages)
    assert len(batch.refused) + len(batch.answers) <= len(messages)


def test_one_message_that_smuggles_two_is_refused_beside_honest_ones() -> None:
    first, second = combined(agg_trade(1), agg_trade(2))
    batch = decode([first + b"," + second])
    assert batch.trades == ()
    assert len(batch.refused) == 1


def test_a_depth_that_exhausts_the_stack_is_refused() -> None:
    message = b'{"stream":"x","data":{"e":"aggTrade","x":' + b"[" * 200_000 + b"]" * 200_000 + b"}}"
    assert len(decode([message]).refused) == 1


def test_unknown_fields_are_ignored() -> None:
    batch = decode(combined(agg_trade(1, brand_new={"deep": [1, 2]})))
    assert batch.refused == ()
    assert len(batch.trades[0].ticks) == 1


def test_prints_that_are_no_market_trades_keep_only_their_id() -> None:
    batch = decode(
        raw(
            raw_trade(10),
            raw_trade(11, "28722.50", kind="INSURANCE_FUND"),
            raw_trade(12, "0", kind="NA"),
            raw_trade(13),
        )
    )
    trades = batch.trades[0]
    np.testing.assert_array_equal(trades.ticks.trade_id, [10, 13])
    np.testing.assert_array_equal(trades.excluded_id, [11, 12])
    assert batch.refused == ()


def test_coin_margined_rows_of_a_mixed_stream_are_set_aside() -> None:
    batch = decode(combined(agg_trade(1, st=2), agg_trade(2)))
    np.testing.assert_array_equal(batch.trades[0].ticks.trade_id, [2])
    assert batch.refused[0].reason == "not a USD-margined trade"


def test_answers_and_complaints_are_told_apart_from_data() -> None:
    batch = decode(
        [
            b'{"result":null,"id":1}',
            b'{"result":["btcusdt@aggTrade"],"id":2}',
            b'{"code":2,"msg":"Invalid request: unknown variant"}',
            b'{"error":{"code":3,"msg":"Invalid JSON"},"id":9}',
        ]
    )
    assert batch.answers == (
        Acknowledged(1),
        Acknowledged(2, ("btcusdt@aggTrade",)),
        Complaint(2, "Invalid request: unknown variant"),
        Complaint(3, "Invalid JSON"),
    )


@pytest.mark.parametrize("neighbours", [1, 40])
@pytest.mark.parametrize(("name", "first"), [("p", '"1"'), ("q", '"1"'), ("a", "7"), ("T", "7"), ("s", '"ETHUSDT"')])
def test_a_name_that_stands_twice_makes_the_row_worthless(name: str, first: str, neighbours: int) -> None:
    honest = combined(*(agg_trade(number) for number in range(10, 10 + neighbours)), mark_price("63943.9"))
    (doubled,) = combined(agg_trade(2))
    doubled = doubled.replace(b'"data":{', b'"data":{' + f'"{name}":{first},'.encode())
    for batch in (decode([*honest, doubled]), decode([doubled, *honest]), decode([doubled])):
        assert 2 not in [one for trades in batch.trades for one in trades.ticks.trade_id]
        assert sum(len(trades.ticks) for trades in batch.trades) == (neighbours if batch.marks else 0)
        assert [one.reason for one in batch.refused] == [f"the name {name!r} stands twice"]


def test_a_field_that_only_some_trades_have_is_no_doubled_name() -> None:
    batch = decode(combined(*(agg_trade(n) | ({"p2": {"p": 1}} if n % 3 else {}) for n in range(60))))
    assert batch.refused == ()
    assert len(batch.trades[0].ticks) == 60


def test_a_row_that_cannot_be_decoded_is_counted_for_the_symbol_it_names() -> None:
    batch = decode([combined(agg_trade(2))[0].replace(b'"p":"63943.90"', b'"p":NaN')])
    assert [one.symbol for one in batch.refused] == ["BTCUSDT"]


def test_bytes_that_are_no_text_are_told_even_where_no_known_field_holds_them() -> None:
    good, bad = combined(agg_trade(1), agg_trade(2))
    batch = decode([good, bad[:-2] + b',"x":"\xff"}}'])
    assert batch.ill_formed
    np.testing.assert_array_equal(batch.trades[0].ticks.trade_id, [1])
    assert not decode([good, bad[:-2] + ',"x":"币安"}}'.encode()]).ill_formed


@pytest.mark.parametrize(
    "notice",
    [
        b'{"e":"serverShutdown","E":1770123456789}',
        b'{"stream":"x","data":{"e":"serverShutdown","E":1770123456789}}',
        b'{"event":{"e":"serverShutdown","E":1770123456789}}',
    ],
)
def test_an_announced_end_is_understood_beside_data_and_alone(notice: bytes) -> None:
    assert decode([notice]).ending
    batch = decode([*combined(agg_trade(1)), notice])
    assert batch.ending
    assert len(batch.trades[0].ticks) == 1
    assert batch.refused == ()


@given(st.lists(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=3, max_size=20), min_size=1, max_size=100))
def test_an_address_stays_short_and_names_the_first_symbols(names: list[str]) -> None:
    symbols = tuple(dict.fromkeys(names))
    fitting = fitting_address("wss://fstream.binance.com/market", symbols)
    assert fitting == symbols[: len(fitting)]
    streams = [name for s in fitting for name in (trade_stream(s), heartbeat_stream(s))]
    assert 0 < len(combined_url("wss://fstream.binance.com/market", streams)) <= 4_000
    if len(fitting) < len(symbols):
        more = symbols[len(fitting)]
        assert len(combined_url("", [*streams, trade_stream(more), heartbeat_stream(more)])) > 3_900
