"""A rule over stored rows: the same as live, event for event, and what became of each firing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alert_checks import checked
from analytics.alert_readings import Beside, reading_of
from analytics.alert_record import TrackRecord, track_record
from analytics.alert_replay import replay
from analytics.alert_rows import MOST_LOOKS, RowValues, row_values, scores_as_known
from analytics.alert_steps import step
from analytics.alerts import AlertEvent, AlertRule, Condition, Metric, Standing
from analytics.errors import BadInput
from analytics.hedge import ols_hedge_ratio
from analytics.market import FloatArray, PairParams, PairQuery, PairSeries, Timeframe
from analytics.pair import analyse_pair
from analytics.results import Unavailable
from analytics.status import MarketStatus, SymbolStatus
from analytics.stretches import Stretch, StretchKind
from tests.analytics.alert_paths import FAR_OUT, START_MS, Z, rule, rules
from tests.analytics.markets import bound_pair, law

LIVE = MarketStatus("live", "LIVE", 0, symbols={s: SymbolStatus(s, "LIVE", age_ms=5) for s in ("BTCUSDT", "ETHUSDT")})


def query_of(**params: Any) -> PairQuery:
    usual = PairParams(timeframe=Timeframe.S1, window_bars=20, lookback_bars=60)
    return PairQuery("BTCUSDT", "ETHUSDT", replace(usual, **params))


def series_of(y: FloatArray, x: FloatArray) -> PairSeries:
    time_ms = START_MS + np.arange(len(y)) * 1_000
    return PairSeries(time_ms, y, x, np.ones(len(y), np.bool_), time_ms, time_ms, 1, 1)


def market(n: int = 400, seed: int = 3) -> PairSeries:
    return series_of(*bound_pair(seed, n, half_life_bars=6))


def cut(series: PairSeries, rows: int) -> PairSeries:
    return replace(series, time_ms=series.time_ms[:rows], y=series.y[:rows], x=series.x[:rows])


def live(of: AlertRule, series: PairSeries, rows: RowValues) -> list[AlertEvent]:
    """What the rule tells when each bar is analysed as it closes, as the running product does."""
    standing = Standing()
    events: list[AlertEvent] = []
    for row in rows.row:
        closes_ms = int(series.time_ms[row]) + 1_000
        analysis = analyse_pair(of.query, cut(series, int(row) + 1).newest(of.query.params.sample_bars))
        told = reading_of(replace(of, evaluation="bar_close"), analysis, Beside(LIVE, now_ms=closes_ms, holes=()))
        standing, found = step(of, standing, told)
        events += found
    return events


def same_but_for_rounding(one: AlertEvent, other: AlertEvent) -> bool:
    values = [other.values[key] == pytest.approx(value, rel=1e-6, abs=1e-9) for key, value in one.values.items()]
    return replace(one, values={}) == replace(other, values={}) and all(values)


@pytest.mark.parametrize(
    ("condition", "params"),
    [
        (FAR_OUT, {}),
        (FAR_OUT, {"include_intercept": False}),
        (FAR_OUT, {"hedge": "tls"}),
        (FAR_OUT, {"hedge": "fixed", "fixed_ratio": 1.4}),
        (FAR_OUT, {"hedge": "rolling_ols"}),
        (FAR_OUT, {"price_scale": "log"}),
        (Condition("zscore", "crosses_below", -1.5, -1.0), {}),
        (Condition("spread", ">", 0.2, 0.1), {}),
        (Condition("spread", ">", 0.2, 0.1), {"hedge": "tls"}),
        (Condition("spread", "abs>=", 0.2), {"include_intercept": False}),
        (Condition("beta", "<", 1.45), {}),
        (Condition("beta", "<", 1.4), {"hedge": "rolling_ols"}),
        (Condition("correlation", "<", 0.75, 0.8), {}),
        (Condition("correlation", "<", 0.75, 0.8), {"correlation": "spearman"}),
        (Condition("return_correlation", "<", 0.75), {}),
        (Condition("return_correlation", "<", 0.75), {"lookback_bars": 20}),
        (Condition("price", "crosses_above", 159.5), {}),
        (Condition("price", "crosses_above", 100.0, symbol="ETHUSDT"), {}),
        (Condition("ratio", ">", 1.6), {}),
        (Condition("adf_pvalue", "<", 0.05, 0.1), {}),
        (Condition("engle_granger_pvalue", "<", 0.05), {}),
        (Condition("half_life", "<", 5.0), {}),
    ],
)
def test_a_replay_tells_what_live_tells(condition: Condition, params: dict[str, Any]) -> None:
    series = market(200)
    of = checked(rule(condition, query=query_of(**params), evaluation="bar_close"))
    rows = row_values(of, series)
    expected = live(of, series, rows)
    found = [event for _, event in replay(of, Standing(), rows).events]
    assert expected
    assert len(found) == len(expected)
    assert all(map(same_but_for_rounding, found, expected))


def test_many_conditions_and_a_hold_replay_as_live() -> None:
    both = (Condition("zscore", "abs>=", 1.0, 0.5), Condition("correlation", "<", 0.95))
    of = rule(*both, query=query_of(), evaluation="bar_close", hold_ms=2_000, cooldown_ms=5_000, repeat_ms=3_000)
    series = market(200)
    rows = row_values(of, series)
    found = [event for _, event in replay(of, Standing(), rows).events]
    assert {one.kind for one in found} == {"fired", "repeated", "resolved"}
    assert all(map(same_but_for_rounding, found, live(of, series, rows)))


@pytest.mark.parametrize("metric", ["zscore", "return_correlation", "engle_granger_pvalue"])
def test_a_market_with_empty_bars_and_standing_prices_replays_as_live(metric: Metric) -> None:
    rng = np.random.default_rng(11)
    whole = market(500)
    kept = np.flatnonzero(rng.random(500) < 0.5)
    stands = np.maximum.accumulate(np.where(rng.random(len(kept)) < 0.4, 0, np.arange(len(kept))))
    thin = series_of(whole.y[kept], whole.x[kept][stands])
    series = replace(thin, time_ms=whole.time_ms[kept])
    of = rule(Condition(metric, "<", 0.3, 0.5), query=query_of(), evaluation="bar_close", hold_ms=2_000)
    rows = row_values(of, series)
    found = [event for _, event in replay(of, Standing(), rows).events]
    expected = live(of, series, rows)
    assert found
    assert len(found) == len(expected)
    assert all(map(same_but_for_rounding, found, expected))


def stepped(of: AlertRule, rows: RowValues, standing: Standing) -> tuple[Standing, list[tuple[int, AlertEvent]]]:
    events: list[tuple[int, AlertEvent]] = []
    for row in range(len(rows)):
        standing, told = step(of, standing, rows.reading(row))
        events += [(row, one) for one in told]
    return standing, events


_VALUE = st.sampled_from([np.nan, 0.0, 0.5, 0.75, 1.0, 1.0, 1.25, 1.5, 1.9, 2.0, 2.1, -2.1])


@st.composite
def columns(draw: st.DrawFn) -> RowValues:
    """Rows of any values, with long stretches in which nothing changes."""
    runs = draw(st.lists(st.tuples(st.integers(1, 6), _VALUE, _VALUE, _VALUE), min_size=1, max_size=12))
    table = np.array([values for length, *values in runs for _ in range(length)], np.float64).T
    time_ms = START_MS + np.arange(table.shape[1]) * 1_000
    metrics: tuple[Metric, ...] = ("zscore", "spread", "tick_age")
    keys = [(metric, None) for metric in metrics]
    return RowValues(
        row=np.arange(table.shape[1]),
        time_ms=time_ms,
        at_ms=time_ms + 1_000,
        columns=dict(zip(keys, table, strict=True)),
        needed=dict.fromkeys(keys, 1),
        hole=np.full(table.shape[1], -1),
        holes=(),
        every_bars=1,
    )


@law
@given(rules(), columns())
def test_the_steps_left_out_change_nothing(of: AlertRule, rows: RowValues) -> None:
    found = replay(of, Standing(), rows)
    assert (found.standing, list(found.events)) == stepped(of, rows, Standing())


@law
@given(rules(), columns(), st.integers(0, 72))
def test_a_replay_goes_on_from_any_standing(of: AlertRule, rows: RowValues, at: int) -> None:
    before, first = stepped(of, part(rows, slice(0, at)), Standing())
    found = replay(of, before, rows)
    whole, events = stepped(of, rows, Standing())
    kept_ms = before.at_ms or 0
    again = [one for row, one in found.events if rows.at_ms[row] > kept_ms]
    assert (found.standing, [one for _, one in first] + again) == (whole, [one for _, one in events])


def test_a_replay_stops_where_the_rule_expires() -> None:
    of = rule(query=query_of(), expires_ms=START_MS + 105_500)
    series = market()
    whole, events = stepped(of, row_values(of, series), Standing())
    assert events[-1][1].at_ms <= START_MS + 106_000
    flat = replace(of, conditions=(Condition("price", ">", 1.0),))
    found = replay(flat, Standing(), row_values(flat, series))
    assert [(one.kind, one.at_ms) for _, one in found.events] == [
        ("fired", START_MS + 1_000),
        ("resolved", START_MS + 106_000),
    ]
    assert replay(of, Standing(), row_values(of, series)) == (whole, tuple(events))


def part(rows: RowValues, where: slice) -> RowValues:
    return replace(
        rows,
        row=rows.row[where],
        time_ms=rows.time_ms[where],
        at_ms=rows.at_ms[where],
        columns={key: column[where] for key, column in rows.columns.items()},
        hole=rows.hole[where],
    )


def test_rows_from_before_a_moment_are_told_late() -> None:
    of = rule(query=query_of())
    rows = row_values(of, market())
    found = replay(of, Standing(), rows, late_before_ms=START_MS + 200_000, version=9)
    assert {one.late for _, one in found.events} == {True, False}
    assert all(one.late == (one.at_ms < START_MS + 200_000) and one.version == 9 for _, one in found.events)


def test_no_later_row_changes_what_was_known() -> None:
    series = market()
    whole, short = row_values(rule(query=query_of()), series), row_values(rule(query=query_of()), cut(series, 250))
    np.testing.assert_array_equal(whole.columns[Z][:250], short.columns[Z])


def record_of(*conditions: Condition, series: PairSeries | None = None, **changes: Any) -> TrackRecord:
    found = track_record(rule(*conditions, query=query_of(), **changes), series or market())
    assert isinstance(found, TrackRecord)
    return found


def test_a_record_counts_its_firings_whatever_the_rule_is_now() -> None:
    record = record_of()
    assert len(record.firings) == sum(one.kind == "fired" for one in record.events) > 3
    assert record.bars == 400 - 59
    assert record.unknown_bars == 0
    assert (record.from_ms, record.to_ms) == (START_MS + 59_000, START_MS + 400_000)
    same = record_of(active=False, snoozed_until_ms=START_MS + 10**9, expires_ms=START_MS)
    assert same == record


def test_a_firing_is_followed_to_the_exit_level() -> None:
    series = market()
    record = record_of(series=series)
    scores = scores_as_known(query_of(), series)
    for one in record.firings:
        row = int(np.searchsorted(series.time_ms, one.bar_ms))
        assert one.zscore == pytest.approx(scores[row])
        assert one.side == np.sign(scores[row])
        assert one.side is not None
        homeward = np.flatnonzero(one.side * scores[row + 1 :] <= 0)
        assert one.exit_ms == (int(series.time_ms[row + 1 + homeward[0]]) + 1_000 if len(homeward) else None)
    waits = [one.exit_ms - one.at_ms for one in record.firings if one.exit_ms is not None]
    assert record.median_to_exit_ms == np.median(waits)
    assert record.exits == len(waits)


def test_the_worst_excursion_is_that_of_a_trade_held_with_the_hedge_of_then() -> None:
    series = market()
    record = record_of(series=series)
    found = []
    for one in record.firings:
        row = int(np.searchsorted(series.time_ms, one.bar_ms))
        last = len(series) - 1 if one.exit_ms is None else int(np.searchsorted(series.time_ms, one.exit_ms - 1_000))
        slope = ols_hedge_ratio(series.y[row - 59 : row + 1], series.x[row - 59 : row + 1]).slope
        gross = series.y[row] + slope * series.x[row]
        assert one.side is not None
        gains = [
            -one.side * (series.y[at] - series.y[row] - slope * (series.x[at] - series.x[row]))
            for at in range(row, last + 1)
        ]
        found.append(min(gains) / gross * 1e4)
        assert one.excursion_bp == pytest.approx(found[-1], abs=1e-6)
    assert record.worst_excursion_bp == pytest.approx(min(found), abs=1e-6)
    assert min(found) < 0


def test_a_rule_that_names_no_trade_has_no_exit() -> None:
    record = record_of(Condition("correlation", "<", 0.6))
    assert record.firings
    assert isinstance(record.median_to_exit_ms, Unavailable)
    assert "names no trade" in record.median_to_exit_ms.reason
    assert isinstance(record.median_open_ms, float)


def test_a_firing_inside_the_exit_level_names_no_trade() -> None:
    calm = replace(query_of(), params=replace(query_of().params, exit_zscore=1.0))
    found = track_record(rule(Condition("zscore", "<", 0.5), query=calm), market())
    assert isinstance(found, TrackRecord)
    within = [one for one in found.firings if one.zscore is not None and abs(one.zscore) <= 1.0]
    assert within
    assert {(one.side, one.exit_ms, one.excursion_bp) for one in within} == {(None, None, None)}


def test_a_rule_that_never_fired_says_so() -> None:
    record = record_of(Condition("zscore", ">", 4.2))
    assert (record.firings, record.exits) == ((), 0)
    assert isinstance(record.worst_excursion_bp, Unavailable)
    assert isinstance(record.median_open_ms, Unavailable)


def test_it_begins_when_it_is_asked_to() -> None:
    found = track_record(rule(query=query_of()), market(), from_ms=START_MS + 300_000)
    assert isinstance(found, TrackRecord)
    assert (found.from_ms, found.bars) == (START_MS + 300_000, 100)
    assert track_record(rule(query=query_of()), market(), from_ms=START_MS + 900_000) == Unavailable(
        "no stored bar lies in that time"
    )


@pytest.mark.parametrize("held", [0, 59])
def test_too_few_rows_are_no_record(held: int) -> None:
    assert track_record(rule(query=query_of()), cut(market(), held)) == Unavailable(f"{held} of 60 bars", 60, held)


@pytest.mark.parametrize(
    ("condition", "params", "said"),
    [
        (Condition("net_edge_bps", ">", 1.0), {}, "quotes and funding rates, which are not stored"),
        (Condition("funding", ">", 1.0), {}, "funding rates of then are not stored"),
        (Condition("tick_age", ">", 1.0), {}, "how old the data were then"),
        (Condition("gap", ">", 0.0), {}, "may have been filled since"),
        (FAR_OUT, {"hedge": "huber"}, "zscore with hedge huber cannot be told"),
        (FAR_OUT, {"hedge": "kalman"}, "zscore with hedge kalman cannot be told"),
        (FAR_OUT, {"hedge": "rolling_ols", "lookback_bars": 39}, "at least two windows"),
    ],
)
def test_what_rows_do_not_tell_is_refused_with_the_reason(
    condition: Condition, params: dict[str, Any], said: str
) -> None:
    of = rule(condition, query=query_of(**params))
    found = track_record(of, market())
    assert isinstance(found, Unavailable)
    assert said in found.reason
    with pytest.raises(BadInput, match=said):
        row_values(of, market())


def test_prices_are_told_whatever_the_hedge() -> None:
    found = track_record(rule(Condition("price", ">", 1.0), query=query_of(hedge="kalman")), market())
    assert isinstance(found, TrackRecord)
    assert len(found.firings) == 1


def hole(kind: StretchKind, from_s: int, to_s: int) -> Stretch:
    return Stretch("ETHUSDT", kind, START_MS + from_s * 1_000, START_MS + to_s * 1_000, 5)


def unknown_rows(rows: RowValues) -> list[int]:
    return [int(row) for row in rows.row[59:] if np.isnan(rows.columns[Z][row])]


def test_nothing_is_told_across_a_hole() -> None:
    rows = row_values(rule(query=query_of()), market(), [hole("lost", 100, 103), hole("backfilled", 300, 310)])
    assert unknown_rows(rows) == list(range(100, 103 + 19))
    assert rows.reading(110).missing[Z] == "trades of ETHUSDT inside the window are lost"
    rows = row_values(rule(query=query_of()), market(), [hole("open", 100, 103)])
    assert unknown_rows(rows) == list(range(100, 103 + 59))


@given(st.sampled_from(["open", "lost"]), st.integers(0, 250), st.integers(1, 8), st.integers(60, 250))
@law
def test_a_hole_hinders_the_same_rows_live(kind: StretchKind, from_s: int, length: int, row: int) -> None:
    series, of = market(260), rule(query=query_of(), evaluation="bar_close")
    found = hole(kind, from_s, from_s + length)
    seen = [found] if found.start_ms < int(series.time_ms[row]) + 1_000 else []
    analysis = analyse_pair(of.query, cut(series, row + 1))
    told = reading_of(of, analysis, Beside(LIVE, now_ms=int(series.time_ms[row]) + 1_000, holes=seen))
    replayed = row_values(of, series, [found]).reading(row)
    assert (told.values.keys(), told.missing) == (replayed.values.keys(), replayed.missing)


def test_tests_of_many_rows_are_looked_at_now_and_then_at_the_same_bars() -> None:
    series, of = market(1_000), rule(Condition("adf_pvalue", "<", 0.01), query=query_of())
    rows = row_values(of, series)
    assert rows.every_bars == 1_000 // MOST_LOOKS > 1
    assert len(rows) <= MOST_LOOKS
    assert set((rows.time_ms // 1_000 % rows.every_bars).tolist()) == {0}
    few = row_values(of, series, from_ms=int(series.time_ms[900]))
    assert (few.every_bars, len(few)) == (1, 100)
    record = track_record(of, series)
    assert isinstance(record, TrackRecord)
    assert record.every_bars == 2


def words(rows: RowValues) -> Iterator[str]:
    for row in range(len(rows)):
        yield from rows.reading(row).missing.values()


def test_what_is_missing_has_its_reason() -> None:
    flat = series_of(np.full(100, 5.0), np.linspace(1.0, 2.0, 100))
    said = list(words(row_values(rule(query=query_of()), flat)))
    assert said[0] == "1 of 60 bars"
    assert said[-1] == "zscore has no value in this bar"
