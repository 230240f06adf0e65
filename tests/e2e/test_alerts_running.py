"""Alerts of the whole product on the local exchange: told as it happens, once over a restart, late after a pause."""

from __future__ import annotations

import csv
import io
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from api.numbers import iso_utc
from ingest.simulator import LocalExchange
from tests.e2e.product import Product
from tests.fakes import wait_until
from tests.services.receiver import receiving, status

PAIR = {"symbols": ["BTCUSDT", "ETHUSDT"], "timeframe": "1s", "window": 10}


@contextmanager
def running(exchange: LocalExchange, data_dir: Path) -> Iterator[Product]:
    addresses = {
        "PAIRWATCH_MARKET_WS_URL": exchange.market_ws_url,
        "PAIRWATCH_PUBLIC_WS_URL": exchange.public_ws_url,
        "PAIRWATCH_REST_URL": exchange.rest_url,
        "PAIRWATCH_SYMBOLS": "BTCUSDT,ETHUSDT",
        "PAIRWATCH_HISTORY_MINUTES": "1",
        "PAIRWATCH_ALLOW_LOCAL_WEBHOOKS": "true",
    }
    with Product("--source", "live", data_dir=data_dir, environment=addresses) as product:
        wait_until(lambda: flows(product), what="both legs flow")
        yield product


def flows(product: Product) -> bool:
    legs = product.health()["symbols"]
    return all(s in legs and legs[s]["state"] == "LIVE" and legs[s]["last_price"] for s in ("BTCUSDT", "ETHUSDT"))


def price(product: Product) -> float:
    return float(product.health()["symbols"]["BTCUSDT"]["last_price"])


def jump(exchange: LocalExchange, to: float) -> None:
    """The newest price that anybody hears of is this one, until the exchange is heard again."""
    exchange.faults.mute(symbols=["BTCUSDT"], streams="aggTrade")
    trade = (
        f'{{"e":"aggTrade","E":{{time_ms}},"a":{{next_id}},"s":"{{symbol}}","p":"{to:.1f}","q":"0.500","nq":"0.500",'
    )
    fills = '"f":1,"l":1,"T":{time_ms},"m":true,"st":1}'
    text = f'{{"stream":"{{lower}}@aggTrade","data":{trade}{fills}}}'
    exchange.faults.send(text=text, symbol="BTCUSDT", route="market")


def history(product: Product, kind: str = "all") -> list[dict[str, Any]]:
    return list(product.ask(f"/api/alerts/history?kind={kind}")["events"])


def kinds(product: Product) -> list[str]:
    return [one["kind"] for one in history(product)][::-1]


def file_of(product: Product) -> list[dict[str, str]]:
    with build_opener(ProxyHandler({})).open(f"{product.url}/api/alerts/history.csv") as answer:
        return list(csv.DictReader(io.StringIO(answer.read().decode())))


def test_a_scripted_move_fires_once_over_a_restart_and_is_resolved(tmp_path: Path) -> None:
    with LocalExchange(seed=7) as exchange, receiving(status(200)) as hook:
        with running(exchange, tmp_path) as product:
            product.ask("/api/alerts/channels/desk", {"kind": "webhook", "url": hook.url}, method="PUT")
            usual = price(product)
            level = {"metric": "price", "operator": ">", "threshold": 1.2 * usual, "leave": 1.1 * usual}
            rule = product.ask("/api/alerts/", {"name": "jump", "channels": ["desk"], **PAIR, **level})
            wait_until(lambda: product.ask("/api/alerts/1")["state"]["word"] == "Normal", what="judged")
            jump(exchange, 1.5 * usual)
            wait_until(lambda: kinds(product) == ["fired"], what="fired")
            fired = history(product)[0]
            assert (fired["alert_id"], fired["metric_value"], fired["late"]) == (
                rule["id"],
                round(1.5 * usual, 1),
                False,
            )
            wait_until(lambda: len(hook.received) == 1, what="the receiver was told")
            assert product.stop() == 0
        exchange.faults.clear()
        with running(exchange, tmp_path) as product:
            wait_until(lambda: kinds(product) == ["fired", "resolved"], what="resolved")
            wait_until(lambda: len(hook.received) == 2, what="the receiver was told of the end")
            rows = file_of(product)
            assert [row["kind"] for row in rows] == ["resolved", "fired"]
            assert float(rows[1]["values"]) == round(1.5 * usual, 1)
            assert product.ask("/api/alerts/1")["state"]["event"] == 0
        told = [json.loads(one.body)["data"]["id"] for one in hook.received]
        assert told == ["1-1-fired", "1-1-resolved"]


def test_what_happened_while_it_was_down_is_told_late(tmp_path: Path) -> None:
    """Scores of eight windows that cross the middle every few seconds: of twelve that nobody saw, some are told."""
    with LocalExchange(seed=7) as exchange:
        with running(exchange, tmp_path) as product:
            for window in range(10, 26, 2):
                way = "above" if window % 4 else "below"
                swing = {"metric": "zscore", "operator": f"crosses_{way}", "threshold": 0.0, "window": window}
                product.ask("/api/alerts/", {"name": f"swing {window}", **PAIR, **swing})
            # By then it is written down how each of them stands.
            wait_until(lambda: len({one["alert_id"] for one in history(product)}) == 8, what="each has fired")
            product.stop(signal.SIGKILL)
        down_ms = exchange.now_ms()
        wait_until(lambda: exchange.now_ms() > down_ms + 12_000, what="twelve seconds of the exchange's time")
        with running(exchange, tmp_path) as product:
            wait_until(lambda: any(one["late"] for one in history(product, "fired")), what="told late")
            late = [one for one in history(product) if one["late"]]
            ids = [one["id"] for one in history(product)]
            assert len(ids) == len(set(ids))
            assert all(one["triggered_at"] > iso_utc(down_ms - 2_000) for one in late)
            state = product.ask("/api/alerts/1")["state"]
            assert (state["waits"], state["unseen"]) == (None, None)
