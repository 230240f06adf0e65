"""One computation, one home: the same trades give the same numbers through every door, to the last bit."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from analytics.align import align_bars
from analytics.analysis import PairAnalysis
from analytics.bars import bars_from_ticks
from analytics.market import HedgeMethod, PairParams, PairQuery, Ticks, Timeframe
from analytics.pair import analyse_pair
from analytics.results import Unavailable
from api.export import opened_export
from ingest.archive import ArchiveFile
from ingest.events import NewTicks
from services.commands.healing import store_all
from services.desk import Desk
from storage.sql import SqlStore
from tests.api.door import api
from tests.ingest.archives import rows_of, write_archive
from tests.services.scripted import PAIR, random_ticks, scripted_desk

HEDGES: list[HedgeMethod] = ["ols", "rolling_ols", "tls", "huber", "theil_sen", "kalman", "fixed"]
END_MS = 1_700_003_600_000


def legs() -> dict[str, Ticks]:
    """A recorded hour or so, prices on the exchange's grid: an archive holds them as decimals."""
    drawn = random_ticks(1, 6_000, 60_000.0), random_ticks(2, 6_000, 3_000.0)
    return {
        symbol: replace(ticks, price=np.round(ticks.price, 2), quantity=np.round(ticks.quantity, 3))
        for symbol, ticks in zip(PAIR, drawn, strict=True)
    }


def query_of(hedge: HedgeMethod, timeframe: Timeframe = Timeframe.S1) -> PairQuery:
    ratio = 20.0 if hedge == "fixed" else None
    return PairQuery(*PAIR, PairParams(timeframe=timeframe, window_bars=60, hedge=hedge, fixed_ratio=ratio))


def plain(query: PairQuery, trades: dict[str, Ticks]) -> PairAnalysis:
    """No door at all: the core alone."""
    timeframe, limit = query.params.timeframe, query.params.sample_bars
    y, x = (bars_from_ticks(trades[symbol], timeframe) for symbol in PAIR)
    return analyse_pair(query, align_bars(y, x, timeframe, limit=limit), in_full=True)


@contextmanager
def live(trades: dict[str, Ticks]) -> Iterator[Desk]:
    """As they come off the stream, a few at a time, the legs in turns."""
    with scripted_desk() as (desk, feed, _clock, _market):
        for start in range(0, 6_000, 700):
            for symbol, ticks in trades.items():
                feed.put(NewTicks(symbol, ticks.rows(slice(start, start + 700))))
        yield desk


def new_store(path: Path) -> SqlStore:
    return SqlStore(path, venue="test", now_ms=lambda: END_MS)


@contextmanager
def stored(trades: dict[str, Ticks], folder: Path) -> Iterator[Desk]:
    """Written down by one run, read back by the next, which has nothing in memory."""
    with closing(new_store(folder / "stored.db")) as store:
        for symbol, ticks in trades.items():
            store.append(symbol, ticks)
        store.flush()
    with closing(new_store(folder / "stored.db")) as store, scripted_desk(store) as (desk, _feed, _clock, _market):
        yield desk


def uploaded(trades: dict[str, Ticks], folder: Path, name: str | None = None) -> Path:
    """Stored by one run; exported by the next as CSV; uploaded into datasets of a third. Returns their folder.

    name: of the one dataset for both legs; without it each has its own.
    """
    files = folder / "datasets"
    with stored(trades, folder) as desk:
        texts = {symbol: exported(desk, symbol) for symbol in PAIR}
    with api(datasets=files) as (client, _desk, _feed):
        for symbol, text in texts.items():
            asked = {"dataset": name or f"OF_{symbol}"}
            answer = client.post("/api/data/upload", params=asked, files={"file": (f"{symbol}.csv", text)})
            assert answer.status_code == 200, answer.text
            assert answer.json()["rejected_rows"] == answer.json()["duplicates"] == 0
    return files


def exported(desk: Desk, symbol: str) -> bytes:
    return b"".join(opened_export(desk, symbol, Timeframe.TICK, None, END_MS).chunks)


def of_dataset(query: PairQuery, *names: str) -> PairQuery:
    y, x = (f"{symbol}@{name}" for symbol, name in zip(PAIR, names, strict=True))
    return replace(query, y_symbol=y, x_symbol=x)


@contextmanager
def from_files(trades: dict[str, Ticks], folder: Path) -> Iterator[Desk]:
    """As files of the exchange's archive, imported."""
    with closing(new_store(folder / "files.db")) as store:
        for symbol, ticks in trades.items():
            packed = write_archive(folder, rows_of(ticks), name=f"{symbol}-aggTrades-2023-11-14")
            store_all(store, ArchiveFile(packed), END_MS)
        store.flush()
        with scripted_desk(store) as (desk, _feed, _clock, _market):
            yield desk


def same(one: Any, other: Any, at: str = "analysis") -> None:
    """Equal in every field, arrays to the last bit. The verdict's words may name what a door alone knows,
    and the question names the dataset."""
    if is_dataclass(one):
        assert type(one) is type(other), at
        for field in fields(one):
            if field.name not in {"verdict", "query"}:
                same(getattr(one, field.name), getattr(other, field.name), f"{at}.{field.name}")
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype, at
        assert one.tobytes() == other.tobytes(), at
    else:
        assert one == other, at


@pytest.mark.parametrize("hedge", HEDGES)
def test_every_door_gives_the_same_numbers_to_the_last_bit(hedge: HedgeMethod, tmp_path: Path) -> None:
    trades, query = legs(), query_of(hedge)
    expected = plain(query, trades)
    assert not isinstance(expected.hedge, Unavailable)
    for door in (live(trades), stored(trades, tmp_path), from_files(trades, tmp_path)):
        with door as desk:
            same(desk.study(query), expected)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return uploaded(legs(), tmp_path_factory.mktemp("uploaded"), "RECORDED")


@pytest.mark.parametrize("hedge", HEDGES)
def test_an_uploaded_export_gives_the_numbers_of_the_stream_to_the_last_bit(hedge: HedgeMethod, recorded: Path) -> None:
    trades, query = legs(), query_of(hedge)
    with live(trades) as desk:
        streamed = desk.study(query)
    with api(datasets=recorded) as (_client, desk, _feed):
        same(desk.study(of_dataset(query, "RECORDED", "RECORDED")), streamed)
    same(streamed, plain(query, trades))


@pytest.mark.parametrize("hedge", HEDGES)
def test_rest_says_of_an_uploaded_export_what_it_says_of_the_stream(hedge: HedgeMethod, recorded: Path) -> None:
    trades, query = legs(), query_of(hedge)
    asked = {"window": 60, "hedge": hedge, "fixed_ratio": query.params.fixed_ratio}
    with api() as (client, _desk, feed):
        for symbol, ticks in trades.items():
            feed.put(NewTicks(symbol, ticks))
        streamed = snapshot_of(client, PAIR, asked)
    with api(datasets=recorded) as (client, _desk, _feed):
        again = snapshot_of(client, [f"{symbol.lower()}@recorded" for symbol in PAIR], asked)
    assert streamed.keys() == again.keys()
    for name, number in streamed.items():
        assert math.isclose(again[name], number, rel_tol=1e-12, abs_tol=0), name


def snapshot_of(client: TestClient, legs: Sequence[str], asked: dict[str, Any]) -> dict[str, float]:
    """Every number of the answer but those of the moment at which it was asked."""
    body = {"symbol_a": legs[0], "symbol_b": legs[1], **asked}
    answer = json.loads(client.post("/api/analytics/snapshot", json=body).text, parse_constant=pytest.fail)
    told = numbers_in(answer).items()
    return {
        name.replace("@recorded", ""): number for name, number in told if not name.startswith(("costs.", "timestamp"))
    }


def test_legs_of_two_datasets_give_the_same_numbers(tmp_path: Path) -> None:
    trades, query = legs(), query_of("ols")
    with api(datasets=uploaded(trades, tmp_path)) as (_client, desk, _feed):
        same(desk.study(of_dataset(query, *(f"OF_{symbol}" for symbol in PAIR))), plain(query, trades))


@pytest.mark.parametrize("timeframe", [Timeframe.S5, Timeframe.M1, Timeframe.TICK])
def test_the_doors_agree_on_every_timeframe(
    timeframe: Timeframe, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trades, query = legs(), query_of("ols", timeframe)
    with live(trades) as desk:
        streamed = desk.study(query)
    with stored(trades, tmp_path) as desk:
        same(desk.study(query), streamed)
    again = uploaded(trades, tmp_path_factory.mktemp("again"), "RECORDED")
    with api(datasets=again) as (_client, desk, _feed):
        same(desk.study(of_dataset(query, "RECORDED", "RECORDED")), streamed)


@pytest.mark.parametrize("hedge", HEDGES)
def test_rest_says_what_the_core_says(hedge: HedgeMethod) -> None:
    trades, query = legs(), query_of(hedge)
    expected = plain(query, trades)
    with api() as (client, _desk, feed):
        for symbol, ticks in trades.items():
            feed.put(NewTicks(symbol, ticks))
        body = {"symbol_a": PAIR[0], "symbol_b": PAIR[1], "window": 60, "hedge": hedge}
        text = client.post("/api/analytics/snapshot", json=body | {"fixed_ratio": query.params.fixed_ratio}).text
    answer = json.loads(text, parse_constant=pytest.fail)
    told = numbers_in(answer)
    assert expected.evidence is not None
    mine = {
        "hedge_ratio.beta": expected.hedge.slope,  # type: ignore[union-attr]
        "latest_spread": expected.latest_spread,
        "latest_zscore": expected.latest_zscore,
        "rolling_correlation": expected.latest_correlation,
        "return_correlation": expected.latest_return_correlation,
        "engle_granger.pvalue": expected.engle_granger.pvalue,  # type: ignore[union-attr]
        "johansen.trace.0": expected.evidence.johansen.trace[0],  # type: ignore[union-attr]
        "stability.statistic": expected.stability.statistic,  # type: ignore[union-attr]
    }
    for name, value in mine.items():
        assert math.isclose(told[name], value, rel_tol=1e-12), name  # type: ignore[arg-type]


def numbers_in(answer: Any, at: str = "") -> dict[str, float]:
    """Every number of an answer, by its path."""
    if isinstance(answer, dict):
        parts = answer.items()
    elif isinstance(answer, list):
        parts = enumerate(answer)  # type: ignore[assignment]
    else:
        return {at: answer} if isinstance(answer, float | int) else {}
    return {name: number for key, part in parts for name, number in numbers_in(part, f"{at}.{key}".lstrip(".")).items()}
