"""The view in the address bar."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadInput, UnknownSymbol, UnknownTimeframe
from analytics.market import PairParams, PairQuery, Timeframe
from layouts.address import (
    LARGEST_WINDOW,
    SMALLEST_WINDOW,
    charted,
    checked,
    parsed,
    swapped,
    window_bars,
    with_leg,
    written,
)
from layouts.chart_view import ChartView

BASE = PairQuery("BTCUSDT", "ETHUSDT")
SYMBOLS = st.from_regex(r"[A-Z0-9]{2,12}(_[0-9]{6})?", fullmatch=True)
QUERIES = st.builds(
    PairQuery,
    SYMBOLS,
    SYMBOLS,
    st.builds(
        PairParams,
        timeframe=st.sampled_from(Timeframe),
        window_bars=st.integers(SMALLEST_WINDOW, LARGEST_WINDOW),
        include_intercept=st.booleans(),
        hedge=st.sampled_from(["ols", "rolling_ols", "tls", "huber", "theil_sen", "kalman"]),
        price_scale=st.sampled_from(["level", "log"]),
        correlation=st.sampled_from(["pearson", "spearman"]),
    ),
)
RATIOS = st.one_of(st.floats(1e-12, 1e12), st.floats(-1e12, -1e-12))


@given(QUERIES)
def test_an_address_gives_its_view_back(query: PairQuery) -> None:
    assert parsed(written(query), BASE) == query


@given(QUERIES, RATIOS)
def test_a_fixed_ratio_is_given_back_to_the_last_bit(query: PairQuery, ratio: float) -> None:
    fixed = replace(query, params=replace(query.params, hedge="fixed", fixed_ratio=ratio))
    assert parsed(written(fixed), BASE) == fixed


def test_the_fit_is_named_where_it_is_not_the_usual_one() -> None:
    params = PairParams(hedge="fixed", fixed_ratio=15.2, price_scale="log", correlation="spearman")
    assert written(replace(BASE, params=params)).endswith("&intercept=1&hedge=fixed&scale=log&corr=spearman&ratio=15.2")
    assert parsed("?hedge=Theil-Sen&scale=price", BASE).params == PairParams(hedge="theil_sen")


@pytest.mark.parametrize(
    ("search", "told"),
    [
        ("?hedge=lasso", "“lasso” is not a hedge; choose one of ols, rolling_ols, tls"),
        ("?scale=sqrt", "“sqrt” is not a scale; choose one of level, log"),
        ("?corr=kendall", "“kendall” is not a corr; choose one of pearson, spearman"),
        ("?hedge=fixed", "the box is empty"),
        ("?hedge=ols&ratio=15", "belongs to hedge=fixed"),
        *(
            (f"?hedge=fixed&ratio={typed}", "a number other than 0")
            for typed in ("0", "abc", "nan", "inf", "1e13", "1_0")
        ),
    ],
)
def test_a_fit_that_cannot_be_is_refused_with_a_sentence(search: str, told: str) -> None:
    with pytest.raises(BadInput, match=re.escape(told)):
        parsed(search, BASE)


def test_the_address_reads_as_documented() -> None:
    assert written(BASE) == "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1"


@pytest.mark.parametrize("search", [None, "", "?", "?utm=1"])
def test_an_address_without_a_view_is_the_base(search: str | None) -> None:
    assert parsed(search, BASE) == BASE


def test_what_is_not_named_stays() -> None:
    query = parsed("?pair=solusdt-ethusdt&intercept=0", BASE)
    assert query == PairQuery("SOLUSDT", "ETHUSDT", PairParams(include_intercept=False))


@pytest.mark.parametrize("search", ["?pair=BTCUSDT", "?pair=-ETHUSDT", "?window=1", "?window=1e3", "?window=3.5"])
def test_an_unreadable_address_is_refused_with_a_sentence(search: str) -> None:
    with pytest.raises(BadInput, match=r"write it like|whole number of bars"):
        parsed(search, BASE)


def test_an_unknown_timeframe_is_refused() -> None:
    with pytest.raises(UnknownTimeframe, match="2s"):
        parsed("?tf=2s", BASE)


@pytest.mark.parametrize("typed", ["", None, "abc", "-300", "9", "5001", "300.0", "³00", "9" * 5000, " "])
def test_a_bad_window_names_the_cure(typed: str | None) -> None:
    with pytest.raises(BadInput, match="whole number of bars from 10 to 5,000"):
        window_bars(typed)


@given(st.integers(SMALLEST_WINDOW, LARGEST_WINDOW))
def test_every_window_in_range_is_taken(bars: int) -> None:
    assert window_bars(f" {bars} ") == bars


@given(QUERIES)
def test_swapping_twice_changes_nothing(query: PairQuery) -> None:
    assert swapped(swapped(query)) == query


def test_picking_the_other_leg_swaps() -> None:
    assert with_leg(BASE, y="ETHUSDT") == swapped(BASE)
    assert with_leg(BASE, x="BTCUSDT") == swapped(BASE)
    assert with_leg(BASE, y="SOLUSDT") == PairQuery("SOLUSDT", "ETHUSDT")
    assert with_leg(BASE, x="SOLUSDT") == PairQuery("BTCUSDT", "SOLUSDT")
    assert with_leg(BASE, y="BTCUSDT") == BASE


def test_a_symbol_that_is_not_listed_or_a_pair_of_one_is_refused() -> None:
    listed = {"BTCUSDT", "ETHUSDT"}
    assert checked(BASE, listed) == BASE
    with pytest.raises(UnknownSymbol, match="NOPEUSDT"):
        checked(with_leg(BASE, x="NOPEUSDT"), listed)
    with pytest.raises(BadInput, match="two different symbols"):
        checked(PairQuery("BTCUSDT", "BTCUSDT"), listed)


def test_how_the_chart_is_drawn_comes_back_from_its_address() -> None:
    chart = ChartView("candles", "rebased", frozenset({"hedge", "correlation"}), 2.25, 4.0, marks=False)
    search = written(replace(BASE, params=replace(BASE.params, exit_zscore=0.5)), chart)
    assert charted(search) == chart
    assert parsed(search, BASE).params.exit_zscore == 0.5
    assert charted(written(BASE)) == ChartView()


@pytest.mark.parametrize(
    "search", ["?style=bars", "?panes=volume", "?entry=4", "?exit=2", "?stop=21", "?entry=nan", "?exit=-1", "?stop=1_0"]
)
def test_a_chart_that_cannot_be_drawn_is_refused_with_a_sentence(search: str) -> None:
    with pytest.raises(BadInput):
        charted(search)


def test_the_address_of_a_dataset_is_read_back_as_it_was_written() -> None:
    view = "?pair=BTCUSDT@JAN-ETHUSDT@JAN&tf=1s&window=300&intercept=1"
    query = parsed(view, BASE)
    assert (query.y_symbol, query.x_symbol) == ("BTCUSDT@JAN", "ETHUSDT@JAN")
    assert written(query) == view
    assert checked(query, {"BTCUSDT"}) == query
