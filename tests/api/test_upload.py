"""A file of trades or bars comes in: all of it and told exactly, or nothing."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from analytics.bars import bars_from_ticks
from analytics.market import Gap, Ticks, Timeframe
from api.table import BAR_HEADER, TICK_HEADER, bar_rows, lost_lines, tick_rows
from api.upload_body import MOST_BYTES
from services.desk import Desk
from tests.api.door import api
from tests.ingest.archives import HEADER, Dialect, rows_of
from tests.services.scripted import random_ticks

SYMBOL, AGG_NAME = "BTCUSDT", "BTCUSDT-aggTrades-2023-11-14.csv"
TRADES = random_ticks(1, 1_500, 60_000.0)
ROW = "1,100.5,2,1,1,1700000000000,true"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[tuple[TestClient, Desk]]:
    with api(datasets=tmp_path / "datasets") as (client, desk, _feed):
        yield client, desk


@pytest.fixture
def client(door: tuple[TestClient, Desk]) -> TestClient:
    return door[0]


def put(client: TestClient, content: str | bytes, name: str = AGG_NAME, **asked: str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post("/api/data/upload", params=asked, files={"file": (name, data)})


def taken(client: TestClient, content: str | bytes, name: str = AGG_NAME, **asked: str) -> dict[str, Any]:
    answer = put(client, content, name, **asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(client: TestClient, content: str | bytes, name: str = AGG_NAME, **asked: str) -> str:
    """The sentence; and nothing is there afterwards."""
    answer = put(client, content, name, **asked)
    assert answer.status_code == 422, answer.text
    assert client.get("/api/datasets").json() == {"datasets": []}
    return str(answer.json()["error"]["message"])


def own_trades(ticks: Ticks = TRADES) -> str:
    return TICK_HEADER + tick_rows("btcusdt", ticks)


def raw_rows(ticks: Ticks, *, best: bool = False) -> str:
    return "".join(
        f"{one},{price!r},{size!r},{price * size!r},{at},{str(bool(maker)).lower()}{',true' if best else ''}\n"
        for one, price, size, at, maker in zip(
            ticks.trade_id.tolist(),
            ticks.price.tolist(),
            ticks.quantity.tolist(),
            ticks.time_ms.tolist(),
            ticks.buyer_is_maker.tolist(),
            strict=True,
        )
    )


def klines(timeframe: Timeframe = Timeframe.M1) -> str:
    bars = bars_from_ticks(TRADES, timeframe)
    length = timeframe.milliseconds
    return "".join(
        f"{start},{open_!r},{high!r},{low!r},{close!r},{volume!r},{start + length - 1},1.0,{trades},{taker!r},1.0,0\n"
        for start, open_, high, low, close, volume, trades, taker in zip(
            *(
                getattr(bars, name).tolist()
                for name in ("start_ms", "open", "high", "low", "close", "volume", "trades", "taker_buy_volume")
            ),
            strict=True,
        )
    )


def zipped(text: str, name: str = "BTCUSDT-aggTrades-2023-11-14.csv") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return packed.getvalue()


AGG = "\n".join(rows_of(TRADES)) + "\n"
IN_US = "\n".join(rows_of(TRADES, Dialect(microseconds=True))) + "\n"
FORMS: dict[str, tuple[str | bytes, str, str, str]] = {
    "our own export": (own_trades(), "x.csv", "pairwatch trades", "milliseconds"),
    "aggTrades without header": (AGG, AGG_NAME, "binance aggTrades", "milliseconds"),
    "aggTrades with header": (f"{HEADER}\n{AGG}", AGG_NAME, "binance aggTrades", "milliseconds"),
    "with a byte order mark": (f"\ufeff{HEADER}\n{AGG}", AGG_NAME, "binance aggTrades", "milliseconds"),
    "in microseconds": (IN_US, AGG_NAME, "binance aggTrades", "microseconds"),
    "Windows line ends": (AGG.replace("\n", "\r\n"), AGG_NAME, "binance aggTrades", "milliseconds"),
    "without a last line end": (AGG.rstrip("\n"), AGG_NAME, "binance aggTrades", "milliseconds"),
    "gzip": (gzip.compress(AGG.encode()), f"{AGG_NAME}.gz", "binance aggTrades", "milliseconds"),
    "zip": (zipped(AGG), "BTCUSDT-aggTrades-2023-11-14.zip", "binance aggTrades", "milliseconds"),
    "raw trades": (raw_rows(TRADES), "BTCUSDT-trades-2023-11-14.csv", "binance trades", "milliseconds"),
    "raw trades of spot": (
        raw_rows(TRADES, best=True),
        "BTCUSDT-trades-2023-11-14.csv",
        "binance trades",
        "milliseconds",
    ),
    "raw trades with header": (
        "id,price,qty,quote_qty,time,is_buyer_maker\n" + raw_rows(TRADES),
        "BTCUSDT-trades-2023-11-14.csv",
        "binance trades",
        "milliseconds",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_trades_of_every_known_file_come_in_to_the_last_bit(form: str, door: tuple[TestClient, Desk]) -> None:
    client, desk = door
    content, name, told, unit = FORMS[form]
    answer = taken(client, content, name, dataset="one")
    assert (answer["format"], answer["time_unit"]) == (told, unit)
    assert (answer["rows"], answer["stored"], answer["rejected_rows"]) == (1_500, 1_500, 0)
    assert answer["in_order"]
    assert answer["dataset"] == "ONE"
    stored = list(desk.export_ticks("BTCUSDT@ONE"))
    for column in ("trade_id", "time_ms", "price", "quantity", "buyer_is_maker"):
        assert np.concatenate([getattr(page, column) for page in stored]).tolist() == getattr(TRADES, column).tolist()


def test_an_upload_answers_with_the_newest_bars_in_the_shape_of_history(client: TestClient) -> None:
    answer = taken(client, own_trades(), dataset="one", timeframe="1m")
    asked = {"symbol": "btcusdt@one", "timeframe": "1m"}
    history = client.get("/api/data/history", params=asked).json()
    assert {name: answer[name] for name in history} == history
    wanted = bars_from_ticks(TRADES, Timeframe.M1)
    assert [bar["close"] for bar in history["bars"]] == wanted.close.tolist()
    assert all(bar["closed"] for bar in history["bars"])
    assert taken(client, own_trades(), dataset="two")["timeframe"] == "1s"


def test_klines_come_in_as_bars_and_roll_up_to_longer_ones(client: TestClient) -> None:
    answer = taken(client, klines(), "BTCUSDT-1m-2023-11-14.csv", dataset="k")
    wanted = bars_from_ticks(TRADES, Timeframe.M1)
    assert (answer["format"], answer["timeframe"], answer["stored"]) == ("binance klines", "1m", len(wanted))
    assert [bar["close"] for bar in answer["bars"]] == wanted.close.tolist()
    assert [bar["taker_buy_volume"] for bar in answer["bars"]] == wanted.taker_buy_volume.tolist()
    longer = client.get("/api/data/history", params={"symbol": "btcusdt@k", "timeframe": "5m"}).json()["bars"]
    five = bars_from_ticks(TRADES, Timeframe.M5)
    assert [bar["close"] for bar in longer] == five.close.tolist()
    assert [bar["high"] for bar in longer] == five.high.tolist()
    shorter = client.get("/api/data/history", params={"symbol": "btcusdt@k", "timeframe": "1s"})
    assert shorter.status_code == 422
    assert "ask for 1m or longer" in shorter.json()["error"]["message"]


def test_our_own_export_of_bars_comes_back_as_it_went(client: TestClient) -> None:
    bars = bars_from_ticks(TRADES, Timeframe.S5)
    text = BAR_HEADER + bar_rows("btcusdt", bars)
    answer = taken(client, text, "my bars.csv", dataset="b")
    assert (answer["format"], answer["timeframe"], answer["rows"]) == ("pairwatch bars", "5s", len(bars))
    assert {bar["taker_buy_volume"] for bar in answer["bars"]} == {None}
    again = client.get("/api/data/export", params={"symbol": "btcusdt@b", "timeframe": "5s"}).text
    assert again.replace("backfilled", "complete") == text
    assert client.get("/api/data/export", params={"symbol": "btcusdt@b", "timeframe": "tick"}).status_code == 422


def test_two_files_with_both_legs_make_a_pair_that_can_be_analysed(client: TestClient) -> None:
    both = own_trades() + tick_rows("ethusdt", random_ticks(2, 1_500, 3_000.0))
    assert [one["ask_as"] for one in taken(client, both, dataset="p")["symbols"]] == ["BTCUSDT@P", "ETHUSDT@P"]
    asked = {"symbol_a": "btcusdt@p", "symbol_b": "ETHUSDT@P", "window": 30}
    answer = client.post("/api/analytics/snapshot", json=asked).json()
    assert answer["latest_zscore"] is not None
    assert answer["unavailable"]["costs.fills_bp"]["reason"] == "a dataset holds no quotes and no funding"
    assert not any("old" in reason for reason in answer["verdict"]["reasons"])


def test_a_dataset_never_mixes_with_the_market_of_now(client: TestClient) -> None:
    taken(client, own_trades(), dataset="p")
    answer = client.post("/api/analytics/snapshot", json={"symbol_a": "btcusdt@p", "symbol_b": "ethusdt"})
    assert answer.status_code == 422
    assert "a dataset only" in answer.json()["error"]["message"]
    assert client.get("/api/data/history", params={"symbol": "btcusdt"}).json()["bars"] == []


def test_holes_in_the_ids_are_lost_by_the_name_that_the_export_gave_them(client: TestClient) -> None:
    kept = TRADES.rows((TRADES.trade_id < 100) | (TRADES.trade_id > 120))
    kept = kept.rows(kept.trade_id != 300)
    told = lost_lines([Gap(SYMBOL, 100, 110, "LOST", "the exchange does not have them", 0)])
    answer = taken(client, told + own_trades(kept), dataset="h")
    assert answer["missing_ids"] == 22
    ledger = client.get("/api/data/gaps", params={"symbol": "btcusdt@h"}).json()["gaps"]
    assert [(one["first_id"], one["last_id"], one["state"], one["cause"]) for one in ledger] == [
        (100, 110, "LOST", "the exchange does not have them"),
        (111, 120, "LOST", "not in the uploaded file"),
        (300, 300, "LOST", "not in the uploaded file"),
    ]


def test_bad_rows_are_told_by_line_and_column_and_the_good_ones_come_in(client: TestClient) -> None:
    lines = [
        HEADER,
        ROW,
        ROW.replace("100.5", "-1"),
        "3,100",
        ROW.replace("true", "maybe"),
        "",
        ROW.replace("1,", "7,", 1),
    ]
    answer = taken(client, "\n".join(lines))
    assert (answer["rows"], answer["stored"], answer["rejected_rows"]) == (5, 2, 3)
    assert answer["rejected"] == [
        {"line": 3, "column": 2, "reason": "price: expected a price above zero, got '-1'"},
        {"line": 4, "column": None, "reason": "2 columns, expected 7 or 8"},
        {"line": 5, "column": 7, "reason": "is_buyer_maker: expected true or false, got 'maybe'"},
    ]


def test_at_most_a_hundred_bad_rows_are_told_and_all_are_counted(client: TestClient) -> None:
    answer = taken(client, "\n".join([ROW, *["2,x,2,1,1,1700000000000,true"] * 150]))
    assert answer["rejected_rows"] == 150
    assert len(answer["rejected"]) == 100


def test_repeats_and_disorder_are_counted(client: TestClient) -> None:
    rows = [ROW.replace("1,", f"{one},", 1) for one in (5, 3, 3, 4, 5, 6)]
    answer = taken(client, "\n".join(rows))
    assert (answer["stored"], answer["duplicates"]) == (4, 2)
    assert (answer["in_order"], answer["disordered_rows"]) == (False, 3)


MALFORMED: dict[str, tuple[str | bytes, str, dict[str, str], str]] = {
    "an empty file": ("", AGG_NAME, {}, "holds no rows"),
    "a header alone": (HEADER, AGG_NAME, {}, "holds no rows"),
    "no good row": (ROW.replace("100.5", "0"), AGG_NAME, {}, "line 1, column 2: price: expected a price above zero"),
    "another table": ("name,age\nbob,3\n", "a.csv", {}, "these columns are not known"),
    "a wrong column": (HEADER.replace("quantity", "sise"), AGG_NAME, {}, "line 1, column 3: it is called 'sise'"),
    "a row of another kind": ("1,2,3\n", AGG_NAME, {}, "is no row of a known kind"),
    "no symbol": (ROW, "trades.csv", {}, "does not tell its symbol; add it, such as ?symbol=BTCUSDT"),
    "another symbol": (ROW, AGG_NAME, {"symbol": "ETHUSDT"}, "named as data of BTCUSDT, not of ETHUSDT"),
    "bytes that are no text": (b"\xff\xfe\x00" + ROW.encode(), AGG_NAME, {}, "bytes that are no text"),
    "a damaged gzip": (gzip.compress(AGG.encode())[:900], AGG_NAME, {}, "is damaged"),
    "a zip of a path": (zipped(AGG, "../../x.csv"), AGG_NAME, {}, "expected one .csv file without a folder"),
    "nanoseconds": (ROW.replace("1700000000000", "1700000000000000000"), AGG_NAME, {}, "in nanoseconds"),
    "a name that is none": (ROW, AGG_NAME, {"dataset": "../x"}, "cannot be the name of a dataset"),
    "bars of no length": (
        "1700000000000,1,1,1,1,1,0,1,1,1,1,0\n",
        "x.csv",
        {"symbol": "BTCUSDT"},
        "cannot tell how long",
    ),
    "bars that the name belies": (klines(), "BTCUSDT-1h-2023-11-14.csv", {}, "a bar is not 1h long"),
    "bars too long for the question": (klines(), "BTCUSDT-1m-2023-11-14.csv", {"timeframe": "1s"}, "or longer"),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_file_that_cannot_be_used_is_refused_with_place_and_cure_and_leaves_nothing(
    fault: str, client: TestClient, tmp_path: Path
) -> None:
    content, name, asked, told = MALFORMED[fault]
    assert told in refused(client, content, name, **asked)
    assert [path.name for path in (tmp_path / "datasets").iterdir()] == []


def test_seconds_are_told_from_milliseconds_and_a_mixture_is_not_guessed_at(client: TestClient) -> None:
    in_s = ROW.replace("1700000000000", "1700000000")
    answer = taken(client, f"{in_s}\n{ROW.replace('1,', '2,', 1)}\n")
    assert (answer["time_unit"], answer["stored"]) == ("seconds", 1)
    assert answer["bars"][0]["time_ms"] == 1_700_000_000_000
    assert (
        answer["rejected"][0]["reason"] == "the time 1700000000000 is in milliseconds, but the first row is in seconds"
    )


def test_what_is_no_form_or_holds_no_file_is_refused(client: TestClient) -> None:
    forms: list[dict[str, Any]] = [{"content": b"x"}, {"data": {"file": "x"}}, {"files": {"other": ("a.csv", b"x")}}]
    for sent in forms:
        answer = client.post("/api/data/upload", **sent)
        assert answer.status_code == 422
        assert "curl -F file=@FILE" in answer.json()["error"]["message"]
    two = [("file", ("a.csv", b"x")), ("file", ("b.csv", b"x"))]
    assert "2 files" in client.post("/api/data/upload", files=two).json()["error"]["message"]


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "C:\\temp\\BTCUSDT.csv", "a\x00b\r\nc.csv", "x" * 3_000, "…"])
def test_a_files_name_never_becomes_a_path(name: str, client: TestClient, tmp_path: Path) -> None:
    answer = taken(client, ROW, name, symbol=SYMBOL)
    assert [path.name for path in (tmp_path / "datasets").iterdir()] == [answer["dataset"]]
    assert [path.name for path in tmp_path.iterdir()] == ["datasets"]


def test_a_body_beyond_the_cap_is_refused_before_it_is_read(client: TestClient, tmp_path: Path) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x", "content-length": str(MOST_BYTES + (1 << 20))}
    answer = client.post("/api/data/upload", content=b"--x", headers=headers)
    assert answer.status_code == 413
    assert not (tmp_path / "datasets").exists()


def test_a_body_that_breaks_off_leaves_nothing(client: TestClient, tmp_path: Path) -> None:
    begun = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{AGG_NAME}"\r\n\r\n{AGG}'
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = client.post("/api/data/upload", content=begun.encode(), headers=headers)
    assert "broke off before its end" in answer.json()["error"]["message"]
    assert list((tmp_path / "datasets").iterdir()) == []


def test_datasets_are_listed_renamed_removed_and_brought_back_over_rest(client: TestClient) -> None:
    taken(client, ROW, dataset="one")
    listed = client.get("/api/datasets").json()["datasets"]
    assert [(one["name"], one["files"]) for one in listed] == [("ONE", [AGG_NAME])]
    assert client.get("/api/datasets/one").json() == listed[0]
    assert client.put("/api/datasets/one", json={"name": "two"}).json()["name"] == "TWO"
    assert client.get("/api/datasets/one").status_code == 404
    removed = client.delete("/api/datasets/two").json()
    assert client.get("/api/data/history", params={"symbol": "btcusdt@two"}).status_code == 404
    assert client.get("/api/datasets/removed").json()["removed"] == [removed]
    assert client.post(f"/api/datasets/removed/{removed['removal']}/restore").json()["name"] == "TWO"
    assert len(client.get("/api/data/history", params={"symbol": "btcusdt@two"}).json()["bars"]) == 1
    assert client.delete("/api/datasets/none").status_code == 404
