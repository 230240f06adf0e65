"""A row of the watchlist as the browser gets it: numbers as they are written and sorted, and why there is none."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from analytics.glance import BeyondEntry, PairGlance, pair_glance, untold
from analytics.kept import WatchedPair
from analytics.market import PairParams, PairQuery, Timeframe
from analytics.pair import analyse_pair
from analytics.results import Unavailable
from layouts.address import parsed
from layouts.glances import glance_row, settings
from layouts.watchgrid import GRID_ROWS, watch_grid
from tests.screen_fake import QUERY, series

BASES = {"BTCUSDT": "BTC", "ETHUSDT": "ETH"}
NOW = 1_760_000_500_000


def glance(**changes: object) -> PairGlance:
    made = pair_glance(analyse_pair(QUERY, series(1_800)), entry_zscore=2.0, state="LIVE", age_ms=120)
    return replace(made, **changes)  # type: ignore[arg-type]


def row(one: PairGlance, *, pinned: bool = False) -> dict[str, object]:
    return glance_row(one, WatchedPair(one.query, pinned), BASES, NOW)


def test_numbers_stand_as_written_and_as_sorted() -> None:
    told = row(glance(zscore=2.314, qvalue=0.0004, pvalue=0.0001, hedge_ratio=18.6234, clean_share=0.918))
    assert (told["z"], told["z_t"]) == (2.314, "+2.31")
    assert (told["q_t"], told["p_t"]) == ("<0.001", "<0.001")
    assert (told["beta_t"], told["clean_t"]) == ("18.62", "91 %")
    assert told["pair"] == "BTC/ETH"
    assert told["why"] is None


def test_a_half_life_is_told_in_time_and_on_ticks_in_bars() -> None:
    assert row(glance(half_life_ms=240_000.0, half_life_bars=240.0))["half_life_t"] == "4 min"
    ticks = row(glance(half_life_ms=None, half_life_bars=38.2))
    assert (ticks["half_life"], ticks["half_life_t"]) == (38.2, "38 bars")


def test_what_is_unknown_is_a_dash_with_its_reason() -> None:
    told = row(untold(QUERY, "ARBUSDT is not listed"))
    assert told["why"] == "ARBUSDT is not listed"
    for name in ("z", "half_life", "p", "q", "correlation", "beta", "clean"):
        assert (told[name], told[f"{name}_t"]) == (None, "—")
    assert (told["verdict"], told["shape"], told["state"]) == ("cannot say", "query", None)


def test_a_warm_up_says_how_far_it_is() -> None:
    assert row(glance(zscore=Unavailable("need 300 bars, got 12", 300, 12)))["why"] == "need 300 bars, got 12"


def test_each_verdict_has_a_shape_of_its_own() -> None:
    outcomes = ("cointegrated", "not shown", "cannot say")
    assert len({row(glance(outcome=one))["shape"] for one in outcomes}) == 3


def test_an_old_row_tells_when_it_was_heard_of_last_and_a_fresh_one_does_not() -> None:
    fresh = row(glance(age_ms=1_900))
    assert (fresh["stale"], fresh["heard"]) == (False, None)
    old = row(glance(age_ms=9_300))
    assert (old["stale"], old["heard"]) == (True, 1_760_000_490_000)
    assert row(glance(state="STALE", age_ms=100))["stale"] is True
    assert row(glance(age_ms=None))["stale"] is True


def test_gaps_of_the_sparkline_reach_the_browser_as_gaps() -> None:
    told = row(glance(sparkline=np.array([1.5, np.nan, -0.126])))
    assert told["spark"] == [150, None, -13]
    assert json.loads(json.dumps(told)) == told


def test_beyond_entry_is_told_with_its_beginning() -> None:
    told = row(glance(beyond=BeyondEntry(NOW - 12_000, at_least=True)))
    assert (told["since"], told["at_least"]) == (NOW - 12_000, True)
    assert row(glance(beyond=None))["since"] is None


def test_the_key_of_a_row_is_the_address_of_its_own_settings() -> None:
    query = PairQuery("SOLUSDT", "ETHUSDT", PairParams(Timeframe.M1, 120, hedge="kalman", price_scale="log"))
    told = row(untold(query, "."), pinned=True)
    assert parsed(str(told["key"]), QUERY) == query
    assert told["settings"] == settings(query) == "1m · 120 · Kalman · log"
    assert settings(QUERY) == "1s · 300"
    assert told["pinned"] is True


def test_every_column_of_the_grid_is_a_field_of_a_row() -> None:
    grid = watch_grid()
    told = row(glance())
    assert grid.id == GRID_ROWS
    assert {column["field"] for column in grid.columnDefs} <= told.keys()
    assert set(grid.dashGridOptions["defaultCsvExportParams"]["columnKeys"]) <= {
        column["field"] for column in grid.columnDefs
    }


def test_the_grid_is_told_to_evaluate_nothing() -> None:
    grid = watch_grid()
    assert not getattr(grid, "dangerously_allow_code", False)
