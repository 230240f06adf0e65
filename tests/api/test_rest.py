"""The REST contract: paths, parameters, fields, and one shape for every error."""

from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest
from pydantic import BaseModel

from analytics import evidence
from analytics.bars import bars_from_ticks
from analytics.market import PairParams, PairQuery, Timeframe
from analytics.results import HalfLife
from api import pair_schemas as schemas
from ingest.events import NewTicks
from tests.api.door import api
from tests.services.scripted import feed_pair, random_ticks

ASK = {"symbol_a": "btcusdt", "symbol_b": "ETHUSDT", "timeframe": "1s", "window": 60, "include_intercept": True}


@pytest.mark.parametrize("path", ["/api/health", "/api/health/", "/health"])
def test_health_has_the_fields_of_the_contract(path: str) -> None:
    with api() as (client, _desk, feed):
        feed_pair(feed, 50)
        answer = client.get(path).json()
    assert answer["version"] == "9.9.9"
    assert answer["source"] == "live"
    assert answer["timestamp"].endswith("Z")
    assert answer["finished"] is None
    bitcoin = answer["symbols"]["BTCUSDT"]
    assert bitcoin["ticks_stored"] == 50
    assert (bitcoin["first_id"], bitcoin["last_id"], bitcoin["gaps_open"]) == (1, 50, 0)
    assert {"state", "age_ms", "lag_ms"} <= bitcoin.keys()


@pytest.mark.parametrize("timeframe", ["1s", "5s", "1m", "tick"])
def test_history_equals_bars_cut_independently(timeframe: str) -> None:
    with api() as (client, _desk, feed):
        y, _ = feed_pair(feed, 900)
        answer = client.get(
            "/api/data/history", params={"symbol": "BTCusdt", "timeframe": timeframe, "limit": 40}
        ).json()
    want = bars_from_ticks(y, Timeframe(timeframe)).rows(slice(-40, None))
    assert (answer["symbol"], answer["timeframe"]) == ("btcusdt", timeframe)
    got = answer["bars"]
    assert [bar["time_ms"] for bar in got] == want.start_ms.tolist()
    for name in ("open", "high", "low", "close", "trades"):
        assert [bar[name] for bar in got] == getattr(want, name).tolist()
    np.testing.assert_allclose([bar["volume"] for bar in got], want.volume)
    assert got[-1]["closed"] is (timeframe == "tick")
    assert all(bar["closed"] for bar in got[:-1])


def test_times_are_iso_utc_with_milliseconds() -> None:
    with api() as (client, _desk, feed):
        feed.put(NewTicks("BTCUSDT", random_ticks(1, 1, 100.0, start_ms=1_721_347_021_005)))
        answer = client.get("/api/data/history", params={"symbol": "BTCUSDT", "timeframe": "tick"}).json()
    bar = answer["bars"][0]
    assert bar["ts"].startswith("2024-07-18T23:57:01.")
    assert bar["ts"].endswith("Z")
    assert int(bar["ts"][20:23]) == bar["time_ms"] % 1000


def test_the_snapshot_is_the_analysis_field_by_field() -> None:
    with api() as (client, desk, feed):
        feed_pair(feed)
        answer = client.post("/api/analytics/snapshot", json=ASK).json()
        analysis = desk.analysis(PairQuery("BTCUSDT", "ETHUSDT", PairParams(window_bars=60)))
    fit, adf, engle_granger = analysis.hedge, analysis.adf, analysis.engle_granger
    assert answer["hedge_ratio"]["beta"] == fit.slope  # type: ignore[union-attr]
    assert answer["hedge_ratio"]["intercept"] == fit.intercept  # type: ignore[union-attr]
    assert answer["hedge_ratio"]["pvalue"] == fit.pvalue  # type: ignore[union-attr]
    assert answer["latest_spread"] == analysis.latest_spread == analysis.spread[-1]
    assert answer["latest_zscore"] == analysis.latest_zscore == analysis.zscore[-1]
    assert answer["rolling_correlation"] == analysis.latest_correlation == analysis.correlation[-1]
    assert answer["adf"]["pvalue"] == adf.pvalue  # type: ignore[union-attr]
    assert answer["engle_granger"]["pvalue"] == engle_granger.pvalue  # type: ignore[union-attr]
    assert answer["verdict"]["headline"] == analysis.verdict.headline
    assert answer["last_ids"] == {"btcusdt": 4000, "ethusdt": 4000}
    assert answer["sample_bars"] == len(analysis.time_ms) == 300
    nulls = {name for name, value in answer.items() if value is None}
    assert nulls == {name for name in answer["unavailable"] if "." not in name}


def test_the_snapshot_carries_every_test_and_says_what_was_asked() -> None:
    change = {"hedge": "tls", "price_scale": "log", "correlation": "spearman", "lookback": 280, "exit_zscore": 0.5}
    with api() as (client, desk, feed):
        feed_pair(feed)
        answer = client.post("/api/analytics/snapshot", json=ASK | change).json()
        params = PairParams(
            window_bars=60, hedge="tls", price_scale="log", correlation="spearman", lookback_bars=280, exit_zscore=0.5
        )
        analysis = desk.study(PairQuery("BTCUSDT", "ETHUSDT", params))
    found = analysis.evidence
    assert found is not None
    for name in ("hedge", "price_scale", "correlation", "lookback"):
        assert answer[name] == change[name]
    assert answer["hedge_ratio"]["method"] == "tls"
    assert answer["hedge_ratio"]["tvalue"] is None
    assert "t-test" in answer["unavailable"]["hedge_ratio.tvalue"]["reason"]
    assert answer["hedge_ratio_reverse"]["beta"] == found.reverse_hedge.slope  # type: ignore[union-attr]
    assert answer["johansen"]["trace"] == list(found.johansen.trace)  # type: ignore[union-attr]
    assert answer["phillips_ouliaris"]["statistic"] == found.phillips_ouliaris.statistic  # type: ignore[union-attr]
    assert answer["variance_ratio"]["ratios"] == list(found.variance_ratio.ratios)  # type: ignore[union-attr]
    assert answer["hurst"]["exponent"] == found.hurst.exponent  # type: ignore[union-attr]
    assert answer["half_life"]["low_bars"] == analysis.half_life.low_bars  # type: ignore[union-attr]
    assert answer["stability"]["statistic"] == analysis.stability.statistic  # type: ignore[union-attr]
    assert len(answer["pvalue_trail"]["pvalue"]) == len(answer["pvalue_trail"]["time_ms"]) > 10
    assert answer["empty_shares"] == {"btcusdt": analysis.y_empty_share, "ethusdt": analysis.x_empty_share}


def test_a_fixed_ratio_without_its_number_is_refused_with_the_cure() -> None:
    with api() as (client, _desk, feed):
        feed_pair(feed, 200)
        response = client.post("/api/analytics/snapshot", json=ASK | {"hedge": "fixed"})
    assert response.status_code == 422
    assert "fixed_ratio" in response.json()["error"]["message"]


def test_what_cannot_be_given_is_null_with_its_reason() -> None:
    with api() as (client, _desk, feed):
        feed_pair(feed, 4)
        text = client.post("/api/analytics/snapshot", json=ASK).text
    answer = json.loads(text, parse_constant=pytest.fail)
    for name in ("adf", "engle_granger"):
        assert answer[name] is None
        assert answer["unavailable"][name]["reason"]
    assert answer["verdict"]["outcome"] == "cannot say"


def test_before_the_first_trade_everything_is_null_and_nothing_fails() -> None:
    with api() as (client, _desk, _feed):
        response = client.post("/api/analytics/snapshot", json=ASK)
        assert response.status_code == 200
        assert response.json()["hedge_ratio"] is None
        assert client.get("/api/data/history", params={"symbol": "BTCUSDT"}).json()["bars"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/data/history?symbol=DOGEUSDT", None, 404),
        ("POST", "/api/analytics/snapshot", ASK | {"symbol_b": "DOGEUSDT"}, 404),
        ("GET", "/api/nothing/here", None, 404),
        ("POST", "/api/nothing", None, 404),
    ],
)
def test_our_errors_have_one_shape(method: str, path: str, body: dict[str, object] | None, status: int) -> None:
    with api() as (client, _desk, _feed):
        response = client.request(method, path, json=body)
    assert response.status_code == status
    error = response.json()["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/data/history",
        "/api/data/history?symbol=BTCUSDT&timeframe=7s",
        "/api/data/history?symbol=BTCUSDT&limit=0",
        "/api/data/history?symbol=BTCUSDT&limit=100001",
        "/api/data/history?symbol=BTC%2FUSDT",
    ],
)
def test_bad_parameters_are_a_422_that_names_the_place(path: str) -> None:
    with api() as (client, _desk, _feed):
        response = client.get(path)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][0] == "query"


@pytest.mark.parametrize(
    "change",
    [{"window": 1}, {"window": "x"}, {"timeframe": "7s"}, {"symbol_a": "?"}, {"symbol_a": 5}, {"hedge": "magic"}],
)
def test_a_bad_question_is_a_422(change: dict[str, object]) -> None:
    with api() as (client, _desk, _feed):
        assert client.post("/api/analytics/snapshot", json=ASK | change).status_code == 422


def test_the_docs_load_nothing_from_elsewhere() -> None:
    with api() as (client, _desk, _feed):
        page = client.get("/docs").text
        description = client.get("/openapi.json").json()
    assert "http" not in page.replace("http-equiv", "")
    contract = {
        "/api/health",
        "/api/data/history",
        "/api/data/gaps",
        "/api/data/export",
        "/api/analytics/snapshot",
    }
    assert contract <= set(description["paths"])  # that docs/api.md names all of them is proven in tests/test_docs.py


@pytest.mark.parametrize(
    ("result", "answered"),
    [
        (HalfLife, schemas.HalfLifeOut),
        (evidence.Johansen, schemas.JohansenOut),
        (evidence.Stationarity, schemas.StationarityOut),
        (evidence.PhillipsOuliaris, schemas.PhillipsOuliarisOut),
        (evidence.VarianceRatio, schemas.VarianceRatioOut),
        (evidence.Hurst, schemas.HurstOut),
        (evidence.OrnsteinUhlenbeck, schemas.OrnsteinUhlenbeckOut),
        (evidence.ExitTime, schemas.ExitTimeOut),
        (evidence.Stability, schemas.StabilityOut),
        (evidence.PvalueTrail, schemas.PvalueTrailOut),
    ],
)
def test_no_number_of_a_result_is_kept_back(result: type, answered: type[BaseModel]) -> None:
    """Columns as long as the sample are left to the page; everything else is told."""
    columns = {"cusum", "bound"}
    assert {field.name for field in fields(result)} - columns == set(answered.model_fields)
