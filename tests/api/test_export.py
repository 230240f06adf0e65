"""The download: what it holds is what is stored, to the last bit, and half of it never looks like the whole."""

from __future__ import annotations

import csv
import http.client
import io
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import numpy as np
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import StoreError
from analytics.market import Gap, Ticks, Timeframe
from api.export import opened_export
from api.table import TICK_HEADER, one_line, tick_rows
from callbacks.dashboard import create_dashboard
from storage.memory import MemoryStore
from tests.api.door import api, api_server, served
from tests.services.scripted import feed_pair, random_ticks, scripted_desk

BITCOIN = {"symbol": "btcUSDT"}
finite = st.floats(allow_nan=False, allow_infinity=False)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def milliseconds(ts: str) -> int:
    assert ts.endswith("Z")
    assert len(ts) == len("2026-01-31T23:59:59.123Z")
    return round(datetime.fromisoformat(ts).timestamp() * 1000)


def with_holes(*holes: Gap) -> MemoryStore:
    store = MemoryStore(lambda: 0)
    for hole in holes:
        store.open_gap(hole)
        if hole.state == "LOST":
            store.lose_gap(hole.symbol, hole.first_id, hole.last_id, hole.cause, hole.opened_at_ms)
    return store


def test_every_stored_trade_is_in_the_file_to_the_last_bit() -> None:
    with api() as (client, desk, feed):
        trades, _ = feed_pair(feed, 25_000)
        answer = client.get("/api/data/export", params={"symbol": "btcUSDT", "timeframe": "tick"})
        assert sum(len(page) for page in desk.export_ticks("BTCUSDT")) == 25_000
    assert answer.text.splitlines()[0] == "ts,time_ms,symbol,trade_id,price,size,buyer_is_maker"
    rows = rows_of(answer.text)
    assert [int(row["trade_id"]) for row in rows] == trades.trade_id.tolist()
    assert [int(row["time_ms"]) for row in rows] == trades.time_ms.tolist()
    assert [float(row["price"]) for row in rows] == trades.price.tolist()
    assert [float(row["size"]) for row in rows] == trades.quantity.tolist()
    assert [row["buyer_is_maker"] for row in rows] == [str(maker).lower() for maker in trades.buyer_is_maker.tolist()]
    assert {row["symbol"] for row in rows} == {"btcusdt"}
    assert [milliseconds(row["ts"]) for row in rows] == trades.time_ms.tolist()


@pytest.mark.parametrize("timeframe", ["1s", "5s", "1m", "1h"])
def test_the_bars_of_the_file_are_those_of_history(timeframe: str) -> None:
    asked = {"symbol": "ethusdt", "timeframe": timeframe}
    with api() as (client, _desk, feed):
        feed_pair(feed, 12_000)
        history = client.get("/api/data/history", params={**asked, "limit": 100_000}).json()["bars"]
        text = client.get("/api/data/export/", params=asked).text
    assert text.splitlines()[0] == "ts,time_ms,symbol,open,high,low,close,volume,trades,quality"
    rows = rows_of(text)
    assert [row["ts"] for row in rows] == [bar["ts"] for bar in history]
    for name in ("time_ms", "trades", "open", "high", "low", "close"):
        assert [float(row[name]) for row in rows] == [bar[name] for bar in history]
    # The running hour is added up from other parts, so its sum may differ in the last bit.
    volumes = [float(row["volume"]) for row in rows]
    np.testing.assert_allclose(volumes, [bar["volume"] for bar in history], rtol=1e-12)
    assert [row["quality"] for row in rows] == [bar["quality"] for bar in history]


def test_one_second_is_what_is_exported_unless_told_otherwise() -> None:
    with api() as (client, _desk, feed):
        feed_pair(feed, 500)
        plain = client.get("/api/data/export", params=BITCOIN)
        asked = client.get("/api/data/export", params=BITCOIN | {"timeframe": "1s"})
    assert plain.text == asked.text


@pytest.mark.parametrize("limit", [1, 7, 12_000, 10**30])
@pytest.mark.parametrize("timeframe", ["tick", "1s"])
def test_a_limit_keeps_the_newest_rows(timeframe: str, limit: int) -> None:
    asked = BITCOIN | {"timeframe": timeframe}
    with api() as (client, _desk, feed):
        feed_pair(feed, 15_000)
        whole = rows_of(client.get("/api/data/export", params=asked).text)
        cut = rows_of(client.get("/api/data/export", params=asked | {"limit": str(limit)}).text)
    assert cut == whole[-min(limit, len(whole)) :]


def test_it_is_a_file_with_a_name_that_says_what_it_is() -> None:
    with api() as (client, _desk, feed):
        feed_pair(feed, 50)
        answer = client.get("/api/data/export", params=BITCOIN | {"timeframe": "5s"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == ('attachment; filename="pairwatch-btcusdt-5s-20231114T221320Z.csv"')
    assert "content-length" not in answer.headers


def test_lost_ranges_stand_before_the_header_and_only_those_inside() -> None:
    held = random_ticks(1, 300, 60_000.0)
    gaps = (
        Gap("BTCUSDT", 20, 29, "LOST", "the exchange\r\n=does not\thave them", 5),
        Gap("BTCUSDT", 100, 100, "LOST", "beyond the horizon", 6),
        Gap("BTCUSDT", 150, 160, "OPEN", "reconnect", 7),
    )
    missing = np.isin(held.trade_id, [*range(20, 30), 100, *range(150, 161)])
    store = with_holes(*gaps)
    store.append("BTCUSDT", held.rows(~missing))
    first, second = "# lost btcusdt 20 29 the exchange =does not have them", "# lost btcusdt 100 100 beyond the horizon"
    with api(store) as (client, _desk, _feed):

        def lines(**asked: str) -> list[str]:
            text = client.get("/api/data/export", params=BITCOIN | asked).text
            return text[: text.index("ts,")].splitlines()

        assert lines(timeframe="tick") == lines(timeframe="1s") == lines(timeframe="1h") == [first, second]
        assert lines(timeframe="tick", limit="200") == [second]
        assert lines(timeframe="tick", limit="100") == lines(timeframe="1s", limit="1") == []


def test_a_hole_that_touches_the_first_bar_is_told_with_the_bars() -> None:
    held = random_ticks(1, 300, 60_000.0)
    store = with_holes(Gap("BTCUSDT", 100, 109, "LOST", "gone", 6))
    store.append("BTCUSDT", held.rows((held.trade_id < 100) | (held.trade_id >= 110)))
    with api(store) as (client, desk, _feed):
        (bars,) = desk.export_bars("BTCUSDT", Timeframe.S1)
        behind = int((bars.first_id >= 110).sum())
        text = client.get("/api/data/export", params=BITCOIN | {"limit": str(behind)}).text
    assert text.startswith("# lost btcusdt 100 109 gone\n")
    assert rows_of(text)[0]["quality"] == "partial"


def test_where_nothing_is_stored_there_is_a_header() -> None:
    with api() as (client, _desk, _feed):
        assert client.get("/api/data/export", params=BITCOIN | {"timeframe": "tick"}).text == TICK_HEADER


@pytest.mark.parametrize("timeframe", ["tick", "1s"])
def test_an_unknown_symbol_is_an_error_and_no_file(timeframe: str) -> None:
    with api() as (client, _desk, _feed):
        answer = client.get("/api/data/export", params={"symbol": "NOPEUSDT", "timeframe": timeframe})
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "unknown_symbol"
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize("asked", [{}, {"symbol": "BTCUSDT", "timeframe": "2s"}, {"symbol": "BTCUSDT", "limit": "0"}])
def test_a_question_that_makes_no_sense_is_a_422(asked: dict[str, str]) -> None:
    with api() as (client, _desk, _feed):
        assert client.get("/api/data/export", params=asked).status_code == 422


class BreakingStore(MemoryStore):
    """Cannot read beyond an id."""

    def __init__(self, readable_until: int) -> None:
        super().__init__(lambda: 0)
        self.readable_until = readable_until
        self.pages: list[int] = []

    def ticks_between(self, symbol: str, first_id: int, last_id: int, *, limit: int | None = None) -> Ticks:
        self.pages.append(first_id)
        if first_id > self.readable_until:
            raise StoreError("the disk cannot be read")
        return super().ticks_between(symbol, first_id, last_id, limit=limit)


def test_pages_are_read_one_after_the_other_as_they_are_sent() -> None:
    store = BreakingStore(10**9)
    store.append("BTCUSDT", random_ticks(1, 50_000, 60_000.0))
    with scripted_desk(store) as (desk, _feed, _clock, _market):
        download = opened_export(desk, "BTCUSDT", Timeframe.TICK, None, 0)
        assert len(store.pages) == 1
        for sent, chunk in enumerate(download.chunks):
            # The lost ranges and the header first, then eight pieces a page.
            assert len(store.pages) <= max(sent - 1, 0) // 8 + 1
            assert len(chunk) < 64 * 1024
        assert len(store.pages) == 13


class Slow(MemoryStore):
    """Reads trades only when it is allowed to."""

    def __init__(self) -> None:
        super().__init__(lambda: 0)
        self.reading = threading.Semaphore(0)
        self.allowed = threading.Event()

    def ticks_between(self, symbol: str, first_id: int, last_id: int, *, limit: int | None = None) -> Ticks:
        self.reading.release()
        assert self.allowed.wait(30)
        return super().ticks_between(symbol, first_id, last_id, limit=limit)


def test_downloads_that_take_long_to_begin_do_not_keep_others_waiting() -> None:
    store = Slow()
    store.append("BTCUSDT", random_ticks(1, 100, 60_000.0))
    with api(store) as (client, _desk, _feed), ThreadPoolExecutor(8) as browsers:
        asked = BITCOIN | {"timeframe": "tick", "limit": "5"}
        begun = [browsers.submit(client.get, "/api/data/export", params=asked) for _ in range(8)]
        try:
            assert all(store.reading.acquire(timeout=20) for _ in begun)
            assert client.get("/api/data/gaps").json() == {"gaps": []}
        finally:
            store.allowed.set()
        assert {len(rows_of(one.result().text)) for one in begun} == {5}


def test_what_breaks_off_in_the_middle_does_not_look_whole(caplog: pytest.LogCaptureFixture) -> None:
    store = BreakingStore(15_000)
    store.append("BTCUSDT", random_ticks(1, 50_000, 60_000.0))
    with scripted_desk(store) as (desk, _feed, clock, _market):
        server: FastAPI = api_server(desk, clock)
        create_dashboard(server, desk)  # its middlewares stand around the API's answers too
        with served(server) as port, caplog.at_level(logging.ERROR):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/api/data/export?symbol=BTCUSDT&timeframe=tick")
            answer = connection.getresponse()
            assert answer.status == 200
            with pytest.raises(http.client.IncompleteRead) as broken:
                answer.read()
            connection.close()
    assert broken.value.partial.startswith(TICK_HEADER.encode())
    assert "the export of BTCUSDT broke off: the disk cannot be read" in caplog.text


def test_a_store_that_cannot_be_read_at_all_is_an_error() -> None:
    store = BreakingStore(0)
    store.append("BTCUSDT", random_ticks(1, 10, 60_000.0))
    with api(store) as (client, _desk, _feed):
        answer = client.get("/api/data/export", params=BITCOIN | {"timeframe": "tick"})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "store"


@given(price=finite, size=finite, time_ms=st.integers(0, 253_402_300_799_999), maker=st.booleans())
def test_any_number_reads_back_as_itself(price: float, size: float, time_ms: int, maker: bool) -> None:
    one = Ticks(np.array([7]), np.array([time_ms]), np.array([price]), np.array([size]), np.array([maker]))
    (row,) = csv.DictReader(io.StringIO(TICK_HEADER + tick_rows("btcusdt", one)))
    assert np.array_equal([float(row["price"]), float(row["size"])], [price, size])
    assert np.signbit(float(row["price"])) == np.signbit(price)
    assert (int(row["time_ms"]), milliseconds(row["ts"]), row["buyer_is_maker"]) == (
        time_ms,
        time_ms,
        str(maker).lower(),
    )


@given(st.text())
def test_a_cause_never_leaves_its_line(cause: str) -> None:
    told = one_line(cause)
    assert len(f"# lost x 1 2 {told}".splitlines()) == 1
    assert told.split() == told.split(" ") or told == ""
