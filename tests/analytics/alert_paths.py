"""Rules and paths of readings that the tests of alerts share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from analytics.alert_steps import step
from analytics.alerts import AlertEvent, AlertRule, Condition, Metric, Operator, Reading, Standing
from analytics.market import PairParams, PairQuery, Timeframe

PAIR = PairQuery("BTCUSDT", "ETHUSDT", PairParams(timeframe=Timeframe.S1, window_bars=60))
START_MS = 1_700_000_000_000
Key = tuple[Metric, str | None]
Z: Key = ("zscore", None)
FAR_OUT = Condition("zscore", "abs>=", 2.0, leave=1.5)


def rule(*conditions: Condition, **changes: Any) -> AlertRule:
    """A rule of these conditions, or of a z-score that is far out."""
    return replace(AlertRule(7, "far out", PAIR, conditions or (FAR_OUT,)), **changes)


def reading(at_s: float, z: float | None = None, **changes: Any) -> Reading:
    """A z-score at so many seconds; None for one that is not there."""
    told = Reading(
        at_ms=START_MS + round(at_s * 1000),
        values={} if z is None else {Z: z},
        missing={Z: "need 60 bars, got 12"} if z is None else {},
    )
    return replace(told, **changes)


def path(*scores: float | None, every_s: float = 1.0) -> tuple[Reading, ...]:
    """One reading a second."""
    return tuple(reading(at * every_s, z) for at, z in enumerate(scores))


def walked(
    of: AlertRule, readings: tuple[Reading, ...], standing: Standing | None = None
) -> tuple[Standing, list[AlertEvent]]:
    """Where a rule stands after these readings, and what it told."""
    now = standing or Standing()
    told: list[AlertEvent] = []
    for one in readings:
        now, events = step(of, now, one)
        told += events
    return now, told


def told(events: list[AlertEvent]) -> list[tuple[str, float]]:
    """Kind and second of each."""
    return [(one.kind, (one.at_ms - START_MS) / 1000) for one in events]


_METRICS: tuple[Metric, ...] = ("zscore", "spread", "tick_age")
_LEVELS = st.sampled_from([0.5, 1.0, 1.5, 2.0])


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    operator: Operator = draw(st.sampled_from([">", ">=", "<", "<=", "crosses_above", "crosses_below", "abs>="]))
    threshold = draw(_LEVELS)
    way = draw(st.sampled_from([None, 0.0, 0.25]))
    falls = operator in {"<", "<=", "crosses_below"}
    leave = None if way is None else threshold + way if falls else threshold - way
    return Condition(draw(st.sampled_from(_METRICS)), operator, threshold, leave)


@st.composite
def rules(draw: st.DrawFn) -> AlertRule:
    return AlertRule(
        id=draw(st.integers(1, 99)),
        name="any",
        query=PAIR,
        conditions=tuple(draw(st.lists(conditions(), min_size=1, max_size=3))),
        join=draw(st.sampled_from(["all", "any"])),
        evaluation=draw(st.sampled_from(["live", "live", "bar_close"])),
        hold_ms=draw(st.sampled_from([0, 0, 1_000, 3_000])),
        cooldown_ms=draw(st.sampled_from([0, 0, 2_000, 10_000])),
        repeat_ms=draw(st.sampled_from([None, None, 2_000])),
        expires_ms=draw(st.sampled_from([None, None, None, START_MS + 30_000])),
        snoozed_until_ms=draw(st.sampled_from([None, None, START_MS + 10_000])),
        most_per_hour=draw(st.sampled_from([None, 1, 3])),
        active=draw(st.sampled_from([True, True, True, True, False])),
    )


_APART_MS = (0, 100, 1_000, 1_000, 1_000, 5_000, 1_300_000)
_SCORES = (None, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.9, 2.0, 2.1, 2.5)
_SCORE = st.sampled_from(_SCORES)
_MOMENTS = st.tuples(st.sampled_from(_APART_MS), _SCORE, _SCORE, _SCORE, st.integers(0, 19))


def _reading(at_ms: int, version: int, scores: tuple[float | None, ...], ill: int) -> Reading:
    """ill: 0 to 5 is one of the ways in which a reading can be bad."""
    told = zip(_METRICS, scores, strict=True)
    values: dict[Key, float] = {(metric, None): score for metric, score in told if score is not None}
    return Reading(
        at_ms=at_ms - (60_000 if ill == 0 else 0),
        values=values,
        missing={Z: "not enough bars"},
        unfit="BTCUSDT is STALE" if ill in {1, 2} else None,
        error="no such symbol" if ill == 3 else None,
        bar_ms=at_ms // 1_000 * 1_000 - 1_000 if ill != 4 else None,
        version=version,
        late=ill == 5,
    )


@st.composite
def readings(draw: st.DrawFn) -> tuple[Reading, ...]:
    """Values that tremble about the levels, and every way in which a reading can be bad."""
    now_ms = START_MS
    found: list[Reading] = []
    for version, (apart_ms, *scores, ill) in enumerate(draw(st.lists(_MOMENTS, max_size=40))):
        now_ms += apart_ms
        found.append(_reading(now_ms, version, tuple(scores), ill))
    return tuple(found)
