"""The rows of a watchlist over REST."""

from __future__ import annotations

from analytics.kept import WatchedPair, Watchlist
from analytics.market import PairParams, PairQuery
from tests.api.door import api
from tests.services.scripted import feed_pair

QUERY = PairQuery("BTCUSDT", "ETHUSDT", PairParams(window_bars=50))


def test_the_rows_are_those_of_the_snapshot_and_a_failure_stays_in_its_row() -> None:
    with api() as (client, desk, feed):
        feed_pair(feed)
        unknown = PairQuery("ARBUSDT", "ETHUSDT")
        desk.keeping.put_watchlist(Watchlist("Two", (WatchedPair(QUERY), WatchedPair(unknown))))
        told = client.get("/api/watchlists/two/rows").json()
        assert (told["name"], told["entry_zscore"]) == ("Two", 2.0)
        good, bad = told["rows"]
        asked = {"symbol_a": "BTCUSDT", "symbol_b": "ETHUSDT", "timeframe": "1s", "window": 50}
        snapshot = client.post("/api/analytics/snapshot", json=asked).json()
        assert good["zscore"] == snapshot["latest_zscore"]
        assert good["hedge_ratio"] == snapshot["hedge_ratio"]["beta"]
        assert good["qvalue"] == good["pvalue"]  # one test alone
        assert (good["reason"], good["unavailable"]) == (None, {})
        assert bad["zscore"] is None
        assert "ARBUSDT" in bad["reason"]
        assert bad["unavailable"]["zscore"] == bad["reason"]


def test_a_list_that_is_not_kept_is_not_found() -> None:
    with api() as (client, _desk, _feed):
        assert client.get("/api/watchlists/nothing/rows").status_code == 404
