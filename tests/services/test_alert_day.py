"""A recorded day: what the running desk told, bar by bar, is what a replay of the stored bars tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from analytics.alert_replay import replay
from analytics.alert_rows import row_values
from analytics.alerts import AlertRule, Condition, Standing
from analytics.market import PairParams, PairQuery, Ticks, Timeframe
from ingest.events import NewTicks
from tests.analytics.markets import bound_pair
from tests.ingest.test_replay import capture, play
from tests.services.alerting_case import AlertCase, alert_case
from tests.services.scripted import PAIR

DAY_MINUTES = 1_440
AFTER_CLOSE_MS = 600  # trades of a bar may come half a second late; then it is judged
RULES: dict[str, dict[str, Any]] = {
    "far out": {"conditions": (Condition("zscore", "abs>=", 2.0, 0.5),)},
    "crossing": {"conditions": (Condition("zscore", "crosses_below", -1.5, -1.0),)},
    "held and repeated": {
        "conditions": (Condition("zscore", "abs>=", 1.0, 0.4), Condition("return_correlation", "<", 0.99)),
        "hold_ms": 1 * 60_000,
        "cooldown_ms": 5 * 60_000,
        "repeat_ms": 10 * 60_000,
    },
    "either": {
        "conditions": (Condition("spread", ">", 0.4, 0.1), Condition("ratio", ">", 1e9)),
        "join": "any",
    },
}


def of_bars(query: PairQuery, name: str) -> AlertRule:
    """One of the rules above, judged when a bar closes. Spans are in bars of a minute, whatever the bars are."""
    wanted = dict(RULES[name])
    for span in ("hold_ms", "cooldown_ms", "repeat_ms"):
        if span in wanted:
            wanted[span] = wanted[span] * query.params.timeframe.milliseconds // 60_000
    return AlertRule(0, name, query, evaluation="bar_close", **wanted)


@pytest.fixture
def case() -> Iterator[AlertCase]:
    with alert_case() as one:
        yield one


def to_next_bar(case: AlertCase, timeframe: Timeframe) -> None:
    """The moment at which the bar before is judged."""
    case.clock.pass_ms(timeframe.milliseconds - case.now_ms % timeframe.milliseconds + AFTER_CLOSE_MS)


def check_same(case: AlertCase, rules: list[AlertRule], rows: int, begun_ms: int) -> None:
    """Every event that was told is replayed, at its time, with its values, and no other one.

    begun_ms: when the rules were made; what a replay finds before that nobody could be told.
    """
    told = [one.event for one in case.alerting.events(limit=1_000)[::-1]]
    for rule in rules:
        series, holes = case.desk.past(rule.query, rows)
        found = replay(rule, Standing(), row_values(rule, series, holes, from_ms=begun_ms))
        live, expected = [one for one in told if one.rule_id == rule.id], [event for _, event in found.events]
        assert len(live) >= 4, f"{rule.name}: too quiet a market to prove anything"
        assert [(one.kind, one.at_ms, one.id) for one in live] == [(one.kind, one.at_ms, one.id) for one in expected]
        for one, other in zip(live, expected, strict=True):
            assert one.values.keys() == other.values.keys()
            for key, value in one.values.items():
                assert other.values[key] == pytest.approx(value, rel=1e-6, abs=1e-9)


def test_a_day_of_minutes(case: AlertCase) -> None:
    query = PairQuery(*PAIR, PairParams(timeframe=Timeframe.M1, window_bars=60, lookback_bars=240))
    to_next_bar(case, Timeframe.M1)
    rules = [case.alerting.add(of_bars(query, name)) for name in RULES]
    begun_ms = case.now_ms
    y, x = bound_pair(5, DAY_MINUTES, half_life_bars=12)
    for price_y, price_x in zip(y, x, strict=True):
        case.trade(float(price_y), float(price_x), after_ms=60_000)
    check_same(case, rules, DAY_MINUTES + 2, begun_ms)


def test_eight_minutes_of_the_real_market(case: AlertCase) -> None:
    legs = recorded()
    query = PairQuery(*PAIR, PairParams(timeframe=Timeframe.S1, window_bars=30, lookback_bars=120))
    to_next_bar(case, Timeframe.S1)
    begun_ms = case.now_ms
    whole_seconds_ms = (
        begun_ms // 1_000 * 1_000 - min(int(ticks.time_ms[0]) for ticks in legs.values()) // 1_000 * 1_000
    )
    legs = {s: replace(ticks, time_ms=ticks.time_ms + whole_seconds_ms + 1_000) for s, ticks in legs.items()}
    rules = [case.alerting.add(of_bars(query, name)) for name in ("far out", "crossing", "held and repeated")]
    last_ms, taken = max(int(ticks.time_ms[-1]) for ticks in legs.values()), dict.fromkeys(PAIR, 0)
    while case.now_ms < last_ms + 2_000:  # until the last bar has closed
        case.clock.pass_ms(1_000)
        for symbol, ticks in legs.items():
            come = int(np.searchsorted(ticks.time_ms, case.now_ms, "right"))
            case.take(symbol, ticks.rows(slice(taken[symbol], come)))
            taken[symbol] = come
        case.alerting.beat()
    check_same(case, rules, 600, begun_ms)


def recorded() -> dict[str, Ticks]:
    """The trades of the capture in the order of their ids, which is that of their times."""
    _, events = play(capture("usdm_btc_eth_20240719.frames.gz"))
    parts = {s: [e.ticks for e in events if isinstance(e, NewTicks) and e.symbol == s] for s in PAIR}
    return {symbol: joined(found) for symbol, found in parts.items()}


def joined(parts: list[Ticks]) -> Ticks:
    names = [field.name for field in fields(Ticks)]
    return Ticks(**{name: np.concatenate([getattr(one, name) for one in parts]) for name in names})
