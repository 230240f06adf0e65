"""The WebSocket side, met with a client that knows nothing of the product."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from ingest.simulator import LocalExchange, PublishedTrades, Rules
from tests.ingest.simulator.conftest import NOON_MS, HandClock, RestClient, messages, wait_until

Dial = Callable[[str], ClientConnection]


def as_told(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(e["a"], e["T"], float(e["p"]), float(e["q"]), e["f"], e["l"], e["m"]) for e in events]


def as_true(trades: PublishedTrades) -> list[tuple[Any, ...]]:
    return list(
        zip(
            trades.trade_id.tolist(),
            trades.time_ms.tolist(),
            trades.price.tolist(),
            trades.quantity.tolist(),
            trades.first_fill.tolist(),
            trades.last_fill.tolist(),
            trades.buyer_is_maker.tolist(),
            strict=True,
        )
    )


def asked(connection: ClientConnection, message: object) -> Any:
    """Send a control message and return the next reply that is not market data."""
    connection.send(message if isinstance(message, str) else json.dumps(message))
    while True:
        reply = json.loads(connection.recv(timeout=10))
        if "e" not in reply and "stream" not in reply:
            return reply


def assert_mute(connection: ClientConnection, exchange: LocalExchange, clock: HandClock) -> None:
    """A minute of trading passes, everybody else hears of it, and this connection gets nothing."""
    before = exchange.newest_id("BTCUSDT")
    clock.advance(10_000)
    wait_until(lambda: exchange.newest_id("BTCUSDT") > before)
    with pytest.raises(TimeoutError):
        connection.recv(timeout=0.3)


def test_a_combined_stream_tells_every_trade_once_and_in_order(
    exchange: LocalExchange, clock: HandClock, dial: Dial
) -> None:
    before = exchange.newest_id("BTCUSDT")
    connection = dial(exchange.market_ws_url + "/stream?streams=btcusdt@aggTrade")
    clock.advance(30_000)
    wait_until(lambda: exchange.newest_id("BTCUSDT") > before)
    newest = exchange.newest_id("BTCUSDT")
    told = messages(connection, newest - before)
    assert {m["stream"] for m in told} == {"btcusdt@aggTrade"}
    assert as_told([m["data"] for m in told]) == as_true(exchange.truth("BTCUSDT", before + 1, newest))
    for event in (m["data"] for m in told):
        assert event["e"] == "aggTrade"
        assert event["s"] == "BTCUSDT"
        assert event["st"] == 1
        assert event["E"] >= event["T"]
        assert float(event["nq"]) <= float(event["q"])
        assert len(event["p"].split(".")[1]) == 2


def test_a_raw_stream_comes_without_a_wrapper(exchange: LocalExchange, clock: HandClock, dial: Dial) -> None:
    connection = dial(exchange.market_ws_url + "/ws/ethusdt@aggTrade")
    clock.advance(5_000)
    (event,) = messages(connection, 1)
    assert event["s"] == "ETHUSDT"


@pytest.mark.parametrize(
    "path",
    [
        "/ws/btcusdt@aggTrade",  # unrouted
        "/stream?streams=btcusdt@aggTrade",  # unrouted
        "/public/ws/btcusdt@aggTrade",  # wrong route
        "/market/ws/btcusdt@trade",  # wrong route, the other way round
        "/market/ws/btcusdt@bookTicker",
        "/market/ws/nosuchusdt@aggTrade",  # unknown symbol
        "/market/ws/BTCUSDT@aggTrade",  # stream names are lower case
        "/market/ws/btcusdt@kline_1s",  # withdrawn interval
    ],
)
def test_a_stream_on_the_wrong_door_is_acknowledged_and_mute(
    exchange: LocalExchange, clock: HandClock, dial: Dial, path: str
) -> None:
    connection = dial(exchange.market_ws_url.removesuffix("/market") + path)
    name = path.replace("=", "/").rpartition("/")[2]
    assert asked(connection, {"method": "SUBSCRIBE", "params": [name], "id": 1}) == {"result": None, "id": 1}
    assert asked(connection, {"method": "LIST_SUBSCRIPTIONS", "id": 2}) == {"result": [name], "id": 2}
    assert_mute(connection, exchange, clock)


def test_an_unrouted_connection_does_get_public_streams(exchange: LocalExchange, clock: HandClock, dial: Dial) -> None:
    connection = dial(exchange.market_ws_url.removesuffix("/market") + "/ws/btcusdt@bookTicker")
    (event,) = messages(connection, 1)
    assert event["e"] == "bookTicker"
    assert float(event["b"]) < float(event["a"])


def test_subscribing_and_unsubscribing_change_what_is_told(
    exchange: LocalExchange, clock: HandClock, dial: Dial
) -> None:
    connection = dial(exchange.market_ws_url + "/ws")
    assert asked(connection, {"method": "SUBSCRIBE", "params": ["btcusdt@aggTrade"], "id": 1})["result"] is None
    clock.advance(5_000)
    assert messages(connection, 1)[0]["e"] == "aggTrade"
    assert asked(connection, {"method": "UNSUBSCRIBE", "params": ["btcusdt@aggTrade"], "id": 2})["result"] is None
    assert asked(connection, {"method": "LIST_SUBSCRIPTIONS", "id": 3})["result"] == []
    assert_mute(connection, exchange, clock)


def test_the_combined_property_wraps_what_follows(exchange: LocalExchange, clock: HandClock, dial: Dial) -> None:
    connection = dial(exchange.market_ws_url + "/ws/btcusdt@aggTrade")
    assert asked(connection, {"method": "GET_PROPERTY", "params": ["combined"], "id": 1})["result"] is False
    assert asked(connection, {"method": "SET_PROPERTY", "params": ["combined", True], "id": 2})["result"] is None
    clock.advance(5_000)
    assert messages(connection, 1)[0]["stream"] == "btcusdt@aggTrade"


@pytest.mark.parametrize(
    ("message", "code", "beginning"),
    [
        ("{", 3, "Invalid JSON"),
        pytest.param("[" * 60_000, 3, "Invalid JSON", id="deep"),
        ('"x"', 2, "Invalid request"),
        ('{"params":[],"id":1}', 2, "Invalid request: missing field"),
        ('{"method":"SUBSCRIB","params":[],"id":1}', 2, "Invalid request: unknown variant `SUBSCRIB`"),
        ('{"method":"SUBSCRIBE","params":"btcusdt@aggTrade","id":1}', 2, "Invalid request"),
        ('{"method":"SUBSCRIBE","params":[],"id":-1}', 2, "Invalid request: request ID must be an unsigned integer"),
        ('{"method":"SUBSCRIBE","params":[],"id":true}', 2, "Invalid request: request ID must be an unsigned integer"),
        ('{"method":"GET_PROPERTY","params":["colour"],"id":1}', 0, "Unknown property"),
        ('{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}', 1, "Invalid value type: expected Boolean"),
        ('{"method":"GET_PROPERTY","params":[1],"id":1}', 2, "Invalid request: property name must be a string"),
        ('{"method":"SET_PROPERTY","params":["combined",true,1],"id":1}', 2, "Invalid request: too many parameters"),
    ],
)
def test_a_wrong_control_message_is_answered_with_its_code(
    exchange: LocalExchange, dial: Dial, message: str, code: int, beginning: str
) -> None:
    reply = asked(dial(exchange.market_ws_url + "/ws"), message)
    assert reply["code"] == code
    assert reply["msg"].startswith(beginning)


def test_ten_messages_a_second_are_fine_and_the_eleventh_ends_it(exchange: LocalExchange, dial: Dial) -> None:
    connection = dial(exchange.market_ws_url + "/ws")
    for number in range(10):
        assert asked(connection, {"method": "LIST_SUBSCRIPTIONS", "id": number})["id"] == number
    connection.send('{"method":"LIST_SUBSCRIPTIONS","id":99}')
    with pytest.raises(ConnectionClosed) as ended:
        messages(connection, 2)
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code == 1008


def test_an_unknown_path_is_no_websocket(exchange: LocalExchange, dial: Dial) -> None:
    with pytest.raises(InvalidStatus) as refused:
        dial(exchange.rest_url.replace("http", "ws") + "/private/ws/btcusdt@aggTrade")
    assert refused.value.response.status_code == 404


def test_a_handshake_without_its_key_is_refused(exchange: LocalExchange) -> None:
    port = int(exchange.rest_url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"GET /market/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        assert client.recv(1_024).startswith(b"HTTP/1.1 400")


def test_a_log_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        LocalExchange(truth_path=tmp_path).start()


def test_the_heartbeat_goes_on_while_the_market_is_paused(
    exchange: LocalExchange, clock: HandClock, dial: Dial
) -> None:
    connection = dial(exchange.market_ws_url + "/ws/btcusdt@aggTrade/btcusdt@markPrice@1s")
    exchange.pause()
    before = exchange.newest_id("BTCUSDT")
    prices = []
    for _ in range(3):
        clock.advance(1_000)
        (event,) = messages(connection, 1)
        assert event["e"] == "markPriceUpdate"
        assert event["T"] > clock.now_ms  # the next funding, not a trade time
        prices.append(event["p"])
    assert len(set(prices)) == 1
    assert exchange.newest_id("BTCUSDT") == before
    exchange.resume()
    wait_until(lambda: exchange.newest_id("BTCUSDT") > before)
    ids = [m["a"] for m in messages(connection, 3)]
    assert ids == [before + 1, before + 2, before + 3]


def test_disconnect_drops_everybody_and_nothing_is_lost_for_who_comes_back(
    exchange: LocalExchange, clock: HandClock, dial: Dial, rest: RestClient
) -> None:
    url = exchange.market_ws_url + "/ws/btcusdt@aggTrade"
    first, second = dial(url), dial(url)
    clock.advance(3_000)
    newest = messages(first, 1)[0]["a"]
    assert exchange.disconnect() == 2
    with pytest.raises(ConnectionClosed) as ended:
        messages(first, 1_000)
    assert ended.value.rcvd is None  # no close frame
    with pytest.raises(ConnectionClosed):
        messages(second, 1_000)
    assert exchange.disconnect() == 0
    clock.advance(3_000)
    wait_until(lambda: exchange.newest_id("BTCUSDT") > newest)
    again = dial(url)
    clock.advance(3_000)
    next_id = messages(again, 1)[0]["a"]
    assert next_id > newest + 1
    missed = rest.rows(f"/fapi/v1/aggTrades?symbol=BTCUSDT&fromId={newest + 1}&limit={next_id - newest - 1}")
    assert [row["a"] for row in missed] == list(range(newest + 1, next_id))


def test_every_fill_is_told_on_the_public_route(exchange: LocalExchange, clock: HandClock, dial: Dial) -> None:
    before = exchange.newest_id("BTCUSDT")
    connection = dial(exchange.public_ws_url + "/ws/btcusdt@trade")
    clock.advance(240_000)
    wait_until(lambda: exchange.newest_id("BTCUSDT") >= before + 500)
    truth = exchange.truth("BTCUSDT", before + 1, before + 500)
    expected = int(truth.last_fill[-1]) - int(exchange.truth("BTCUSDT", before, before).last_fill[0])
    told = messages(connection, expected)
    assert [t["t"] for t in told] == list(range(told[0]["t"], told[0]["t"] + expected))
    market = [t for t in told if t["X"] == "MARKET"]
    inside = {i for k in range(500) for i in range(truth.first_fill[k], truth.last_fill[k] + 1)}
    assert {t["t"] for t in market} == inside
    assert sum(float(t["q"]) for t in market) == pytest.approx(truth.quantity.sum())
    assert {t["X"] for t in told} <= {"MARKET", "INSURANCE_FUND"}


def test_kline_events_end_with_the_word_final(exchange: LocalExchange, clock: HandClock, dial: Dial) -> None:
    connection = dial(exchange.market_ws_url + "/ws/btcusdt@kline_1m")
    clock.advance(20_000)
    (running,) = messages(connection, 1)
    assert running["k"]["x"] is False
    clock.advance(60_000)
    ended = messages(connection, 1)[0]
    while not ended["k"]["x"]:
        ended = messages(connection, 1)[0]
    assert ended["k"]["t"] == NOON_MS
    assert ended["k"]["T"] == NOON_MS + 59_999


def test_a_client_that_answers_no_ping_is_dropped(clock: HandClock) -> None:
    rules = Rules(ping_interval_s=0.0, pong_timeout_s=0.2)
    with LocalExchange(seed=7, now_ms=clock, rules=rules) as exchange, mute_client(exchange, "/market/ws") as client:
        heard = b""

        def over() -> bool:
            nonlocal heard
            clock.advance(1_000)
            try:
                data = client.recv(65_536)
            except TimeoutError:
                return False
            except ConnectionResetError:
                return True
            heard += data
            return not data

        wait_until(over)
        assert b"\x89\x00" in heard  # it was asked


def test_a_client_that_does_not_read_is_dropped_instead_of_buffered_for_ever(clock: HandClock) -> None:
    rules = Rules(send_buffer_bytes=200_000)
    names = "/".join(f"{s}usdt@aggTrade" for s in ("btc", "eth", "sol", "xrp", "doge"))
    with (
        LocalExchange(seed=7, now_ms=clock, rules=rules) as exchange,
        mute_client(exchange, "/market/ws/" + names),
    ):

        def dropped() -> bool:
            clock.advance(60_000)
            return exchange.connections() == 0

        assert exchange.connections() == 1
        wait_until(dropped, timeout_s=20)


def test_the_end_of_life_is_told_with_a_close_frame(clock: HandClock, dial: Dial) -> None:
    with LocalExchange(seed=7, now_ms=clock, rules=Rules(connection_life_s=0.0)) as exchange:
        connection = dial(exchange.market_ws_url + "/ws")
        clock.advance(1_000)
        with pytest.raises(ConnectionClosed) as ended:
            connection.recv(timeout=10)
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == 1001


def test_a_message_in_two_pieces_and_a_ping_between_them_are_understood(exchange: LocalExchange, dial: Dial) -> None:
    connection = dial(exchange.market_ws_url + "/ws")
    pong = connection.ping()
    connection.send(iter(['{"method":"LIST_SUB', 'SCRIPTIONS","id":5}']))
    assert messages(connection, 1) == [{"result": [], "id": 5}]
    assert pong.wait(10)


def test_the_truth_log_has_a_line_for_every_published_trade(clock: HandClock, tmp_path: Path) -> None:
    path = tmp_path / "log" / "truth.csv"
    with LocalExchange(seed=7, now_ms=clock, truth_path=path) as exchange:
        before = exchange.newest_id("SOLUSDT")
        clock.advance(20_000)
        wait_until(lambda: exchange.newest_id("SOLUSDT") > before)
        newest = exchange.newest_id("SOLUSDT")
        truth = exchange.truth("SOLUSDT", before + 1, newest)
    header, *lines = path.read_text().splitlines()
    assert header == "symbol,a,p,q,f,l,T,m"
    rows = [line.split(",") for line in lines if line.startswith("SOLUSDT,")]
    told = [(int(a), int(t), float(p), float(q), int(f), int(last), m == "true") for _, a, p, q, f, last, t, m in rows]
    assert told == as_true(truth)


def test_a_taken_port_is_told_at_once_and_stop_may_be_called_twice(exchange: LocalExchange, clock: HandClock) -> None:
    port = int(exchange.rest_url.rsplit(":", 1)[1])
    other = LocalExchange(port=port, now_ms=clock)
    with pytest.raises(OSError, match="in use"):
        other.start()
    other.stop()
    exchange.stop()
    exchange.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    other.start()  # the port is free again
    other.stop()


def test_it_stops_while_clients_listen_and_another_one_waits_for_a_month_of_klines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    exchange = LocalExchange(seed=7)
    exchange.start()
    port = int(exchange.rest_url.rsplit(":", 1)[1])
    with (
        mute_client(exchange, "/market/ws/btcusdt@aggTrade"),
        socket.create_connection(("127.0.0.1", port), timeout=5) as waiting,
    ):
        waiting.sendall(b"GET /fapi/v1/klines?symbol=BTCUSDT&interval=1d HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: exchange.connections() == 1)
        exchange.stop()
        with suppress(ConnectionResetError):  # an orderly end and a reset are both fine; an answer is not
            assert waiting.recv(1_024) == b""
    assert not caplog.records
    assert "local-exchange" not in {thread.name for thread in threading.enumerate()}


def mute_client(exchange: LocalExchange, path: str) -> socket.socket:
    """A client that shakes hands and then never says or reads anything by itself."""
    client = socket.create_connection(("127.0.0.1", int(exchange.rest_url.rsplit(":", 1)[1])), timeout=0.2)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.sendall(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = client.recv(1_024)
    assert answer.startswith(b"HTTP/1.1 101")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer  # the key of RFC 6455, section 1.3
    return client
