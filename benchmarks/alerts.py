"""What alerts cost: rules at every trade, and a month of stored bars before one is armed."""

from __future__ import annotations

import json
from functools import partial

import numpy as np

from analytics.alert_document import standing_fields
from analytics.alert_readings import Beside, reading_of, shared_reading, wanted
from analytics.alert_record import track_record
from analytics.alert_replay import replay
from analytics.alert_rows import RowValues, row_values
from analytics.alert_steps import step
from analytics.alerts import AlertEvent, AlertRule, Condition, Reading, Standing
from analytics.analysis import PairAnalysis
from analytics.market import PairParams, PairQuery, PairSeries, Timeframe
from analytics.pair import analyse_pair
from analytics.status import MarketStatus, SymbolStatus
from benchmarks.measure import Row, compared
from tests.analytics.markets import bound_pair

MONTH = 30 * 1_440
START_MS = 1_700_000_040_000
PAIR = PairQuery("BTCUSDT", "ETHUSDT", PairParams(timeframe=Timeframe.M1, window_bars=300))
RULES = 50


def rule(number: int = 1, threshold: float = 2.0) -> AlertRule:
    return AlertRule(number, "far out", PAIR, (Condition("zscore", "abs>=", threshold, threshold - 0.5),))


def month() -> PairSeries:
    rows = MONTH + PAIR.params.sample_bars
    y, x = bound_pair(1, rows, half_life_bars=40)
    time_ms = START_MS + np.arange(rows) * 60_000
    return PairSeries(time_ms, y, x, np.ones(rows, np.bool_), time_ms, time_ms, 1, 1)


def step_by_step(of: AlertRule, rows: RowValues) -> list[AlertEvent]:
    standing = Standing()
    events: list[AlertEvent] = []
    for row in range(len(rows)):
        standing, told = step(of, standing, rows.reading(row))
        events += told
    return events


def replayed(of: AlertRule, rows: RowValues) -> list[AlertEvent]:
    return [event for _, event in replay(of, Standing(), rows).events]


def told_once(rules: list[AlertRule], analysis: PairAnalysis, beside: Beside) -> list[Reading]:
    return [shared_reading(wanted(rules), PAIR, analysis, beside)] * len(rules)


def told_each(rules: list[AlertRule], analysis: PairAnalysis, beside: Beside) -> list[Reading]:
    return [reading_of(one, analysis, beside) for one in rules]


def stepped(rules: list[AlertRule], readings: list[Reading]) -> list[Standing]:
    standings = [Standing()] * len(rules)
    for told in readings:
        standings = [step(of, standing, told)[0] for of, standing in zip(rules, standings, strict=True)]
    return standings


def written(standings: list[Standing], times: int) -> list[str]:
    return [json.dumps(standing_fields(one)) for _ in range(times) for one in standings]


def run() -> list[Row]:
    series, of = month(), rule()
    rows = row_values(of, series)
    assert replayed(of, rows) == step_by_step(of, rows)
    mine, theirs = partial(replayed, of, rows), partial(step_by_step, of, rows)
    found = [compared("a month of 1m bars replayed / a step at every bar", mine, theirs, items=1, unit="us/month")]
    whole, parts = partial(track_record, of, series), partial(step_by_step, of, rows)
    found.append(compared("its whole track record / the steps alone", whole, parts, items=1, unit="us/month"))
    analysis = analyse_pair(PAIR, series.newest(PAIR.params.sample_bars))
    legs = {s: SymbolStatus(s, "LIVE", age_ms=5, last_trade_ms=START_MS) for s in ("BTCUSDT", "ETHUSDT")}
    beside = Beside(MarketStatus("live", "LIVE", 0, symbols=legs), holes=())
    rules = [rule(number) for number in range(RULES)]
    assert told_once(rules, analysis, beside) == told_each(rules, analysis, beside)
    mine_told, theirs_told = partial(told_once, rules, analysis, beside), partial(told_each, rules, analysis, beside)
    found.append(compared(f"a reading for {RULES} rules / one for each", mine_told, theirs_told, items=1, unit="us"))
    path = [Reading(START_MS + at, {("zscore", None): 1.0 + at % 3 / 10}) for at in range(200)]
    standings = stepped(rules, path)
    mine_stepped, theirs_written = partial(stepped, rules, path), partial(written, standings, len(path))
    items = RULES * len(path)
    found.append(
        compared("a step of a rule / its standing as JSON", mine_stepped, theirs_written, items=items, unit="us")
    )
    return found
