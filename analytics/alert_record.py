"""What a rule would have done: the same steps over stored rows, and what became of a trade at each firing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from analytics.alert_readings import bars_needed, too_few
from analytics.alert_replay import Replayed, replay
from analytics.alert_rows import RowValues, lines_as_known, row_values, scores_as_known, why_not_replayed
from analytics.alerts import AlertEvent, AlertRule, Metric, Standing
from analytics.attempt import attempt
from analytics.market import FloatArray, Int64Array, PairParams, PairSeries
from analytics.results import Unavailable
from analytics.spread import on_scale
from analytics.stretches import Stretch

MOST_ROWS: Final = 100_000
_OF_THE_SPREAD: Final[frozenset[Metric]] = frozenset({"zscore", "spread"})
_BP: Final = 1e4
_NO_TRADE: Final = Unavailable("the rule is not of the spread, so it names no trade")
_NO_EXIT: Final = Unavailable("no firing came back to the exit level")
_NO_END: Final = Unavailable("no firing was resolved")
_NO_FIRING: Final = Unavailable("it would not have fired")


@dataclass(frozen=True, slots=True)
class Firing:
    """One firing, for a marker on the chart.

    at_ms: close of its bar; bar_ms: its start.  zscore: as known there, None where there was none.  side: of the spread
    that comes back, +1 short where z was above 0, -1 long; None without a z, and where z was at the exit level already.
    resolved_ms: None while it is open.  exit_ms: close of the first bar at which z had come back to the exit level,
    None where it never did.  excursion_bp: the worst that a trade entered there stood at until the exit or the last
    row, <= 0, in basis points of gross notional, costs left out; None where there is no side.
    """

    at_ms: int
    bar_ms: int
    zscore: float | None
    side: Literal[1, -1] | None
    resolved_ms: int | None
    exit_ms: int | None
    excursion_bp: float | None


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """What a rule would have done over stored rows.

    from_ms, to_ms: start of the first bar that was judged and close of the last.  bars: judged.  unknown_bars: of them
    those at which a condition had no value.  every_bars: a rule of tests was looked at that often, else 1.
    firings: in order.  held_back: how many of them were more than `most_per_hour`.  exits: how many came back to the
    exit level.  median_to_exit_ms: of those.  median_open_ms: from firing to resolution.  worst_excursion_bp: of all.
    events: as the rule would have told them.
    """

    from_ms: int
    to_ms: int
    bars: int
    unknown_bars: int
    every_bars: int
    firings: tuple[Firing, ...]
    held_back: int
    exits: int
    median_to_exit_ms: float | Unavailable
    median_open_ms: float | Unavailable
    worst_excursion_bp: float | Unavailable
    events: tuple[AlertEvent, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Trades:
    """What a trade on the spread is told by, all (n,) of the series.

    at_ms: close of the bar.  y, x: on the price scale in use.  slope, scores: as known there.  back: by side the rows
    at which the score is at the exit level or beyond it.
    """

    params: PairParams
    at_ms: Int64Array
    y: FloatArray
    x: FloatArray
    slope: FloatArray
    scores: FloatArray
    back: dict[int, Int64Array]


def track_record(
    rule: AlertRule, series: PairSeries, *, holes: Sequence[Stretch] = (), from_ms: int | None = None
) -> TrackRecord | Unavailable:
    """What the rule would have done had it been armed over these rows, looked at when bars closed.

    rule: checked; whether it is active, snoozed or expires does not matter.  series: of its query, at most the newest
    `MOST_ROWS` are used; the first ones, as many as a sample holds, only warm up.  holes: of both legs in that time.
    from_ms: when it would have been armed; None means as soon as there is a sample.  Every number rests on what was
    known at its bar; what the rule would have been told between two closes is not known.
    Unavailable where stored rows do not tell it (quotes, funding, the feed of then), or there are too few.
    """
    why = why_not_replayed(rule)
    if why is not None:
        return Unavailable(why)
    armed = replace(rule, active=True, snoozed_until_ms=None, expires_ms=None)
    series = series.newest(MOST_ROWS)
    needed = max(1, *(bars_needed(one.metric, rule.query.params) for one in rule.conditions))
    if len(series) < needed:
        return Unavailable(too_few(needed, len(series)), needed, len(series))
    first_ms = int(series.time_ms[needed - 1])
    rows = attempt(lambda: row_values(armed, series, holes, from_ms=max(first_ms, from_ms or 0)))
    if isinstance(rows, Unavailable):
        return rows
    if not len(rows):
        return Unavailable("no stored bar lies in that time")
    return _record(armed, series, rows, replay(armed, Standing(), rows))


def _record(rule: AlertRule, series: PairSeries, rows: RowValues, replayed: Replayed) -> TrackRecord:
    trades = _trades(rule, series)
    pairs = _paired([(int(rows.row[row]), event) for row, event in replayed.events])
    firings = tuple(_firing(trades, series, row, fired, resolved) for row, fired, resolved in pairs)
    to_exit = [one.exit_ms - one.at_ms for one in firings if one.exit_ms is not None]
    to_end = [one.resolved_ms - one.at_ms for one in firings if one.resolved_ms is not None]
    worst = [one.excursion_bp for one in firings if one.excursion_bp is not None]
    no_trade = trades if isinstance(trades, Unavailable) else None
    return TrackRecord(
        from_ms=int(rows.time_ms[0]),
        to_ms=int(rows.at_ms[-1]),
        bars=len(rows),
        unknown_bars=int(np.isnan(np.vstack(list(rows.columns.values()))).any(axis=0).sum()),
        every_bars=rows.every_bars,
        firings=firings,
        held_back=sum(fired.held_back for _, fired, _ in pairs),
        exits=len(to_exit),
        median_to_exit_ms=float(np.median(to_exit)) if to_exit else no_trade or _NO_EXIT,
        median_open_ms=float(np.median(to_end)) if to_end else _NO_END,
        worst_excursion_bp=min(worst) if worst else no_trade or _NO_FIRING,
        events=tuple(event for _, event in replayed.events),
    )


def _trades(rule: AlertRule, series: PairSeries) -> _Trades | Unavailable:
    """What a trade at a firing is told by; Unavailable where the rule implies none."""
    query = rule.query
    if not any(one.metric in _OF_THE_SPREAD for one in rule.conditions):
        return _NO_TRADE
    at_ms = series.time_ms + query.params.timeframe.milliseconds
    scores = scores_as_known(query, series)
    level = query.params.exit_zscore
    return _Trades(
        params=query.params,
        at_ms=at_ms,
        y=on_scale(series.y, query.params.price_scale),
        x=on_scale(series.x, query.params.price_scale),
        slope=lines_as_known(query, series)[0],
        scores=scores,
        back={1: np.flatnonzero(scores <= level), -1: np.flatnonzero(scores >= -level)},
    )


def _paired(events: list[tuple[int, AlertEvent]]) -> list[tuple[int, AlertEvent, AlertEvent | None]]:
    """Each firing with its row and what resolved it."""
    resolved = {event.event: event for _, event in events if event.kind == "resolved"}
    return [(row, event, resolved.get(event.event)) for row, event in events if event.kind == "fired"]


def _firing(
    trades: _Trades | Unavailable, series: PairSeries, row: int, fired: AlertEvent, resolved: AlertEvent | None
) -> Firing:
    bar_ms, resolved_ms = int(series.time_ms[row]), None if resolved is None else resolved.at_ms
    z = math.nan if isinstance(trades, Unavailable) else float(trades.scores[row])
    if isinstance(trades, Unavailable) or not abs(z) > trades.params.exit_zscore:
        return Firing(fired.at_ms, bar_ms, None if math.isnan(z) else z, None, resolved_ms, None, None)
    side: Literal[1, -1] = 1 if z >= 0 else -1
    back = trades.back[side]
    at = int(np.searchsorted(back, row, "right"))
    last = int(back[at]) if at < len(back) else None
    return Firing(
        at_ms=fired.at_ms,
        bar_ms=bar_ms,
        zscore=z,
        side=side,
        resolved_ms=resolved_ms,
        exit_ms=None if last is None else int(trades.at_ms[last]),
        excursion_bp=_excursion(trades, row, len(series) - 1 if last is None else last, side),
    )


def _excursion(trades: _Trades, row: int, last: int, side: Literal[1, -1]) -> float | None:
    """The worst that a trade from this row to the last one stood at, <= 0, in basis points of gross notional."""
    slope = float(trades.slope[row])
    if math.isnan(slope):
        return None
    y, x = trades.y[row : last + 1], trades.x[row : last + 1]
    gained = -side * ((y - y[0]) - slope * (x - x[0]))
    gross = 1.0 + abs(slope) if trades.params.price_scale == "log" else float(y[0]) + abs(slope) * float(x[0])
    return min(_BP * float(gained.min()) / gross, 0.0)
