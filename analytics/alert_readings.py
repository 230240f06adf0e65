"""From what is known of a pair at one moment to what a rule is told of it: a number, or the reason why there is none.

Nothing is told of data that the screen would grey: a leg that is not live, whose newest message is older than 2 s, or
that has not traded for longer than a price is carried, makes the reading unfit. Beyond that each metric has its own
needs: what rests on the fit wants the whole fit sample, a correlation the whole window, and all that rests on bars
wants no hole that is still being filled in the sample and no lost trades in the rolling window.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from analytics.alerts import OF_THE_FEED, AlertRule, Metric, Reading
from analytics.align import default_carry_ms
from analytics.analysis import PairAnalysis
from analytics.costs import PairCosts
from analytics.market import PairParams, PairQuery, PairSeries, Timeframe
from analytics.quotes import LegTerms
from analytics.results import Unavailable
from analytics.status import FLOWING, OLD_MS, WORST_FIRST, MarketStatus, SymbolStatus, pair_state
from analytics.stretches import Stretch

Key = tuple[Metric, str | None]

# What rests on no more than the newest row, or on no row at all.
OF_THE_MOMENT: Final[frozenset[Metric]] = frozenset({"price", "ratio", "funding", "tick_age", "gap"})
_BP: Final = 1e4


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside an analysis.

    feed: what the feed says of itself.  now_ms: the exchange's clock, None while it is not known.  holes: of both legs,
    as `stretches` finds them in the sample; None where nobody has looked.  costs: of a trade now, None where nobody has
    asked.  terms: by leg, as they are now (`LegTerms.at`).
    """

    feed: MarketStatus
    now_ms: int | None = None
    holes: Sequence[Stretch] | None = None
    costs: PairCosts | None = None
    terms: Mapping[str, LegTerms] = field(default_factory=dict)


def wanted(rules: Iterable[AlertRule]) -> frozenset[Key]:
    """The metrics that these rules ask for: rules on one pair can share one reading."""
    return frozenset((one.metric, one.symbol) for rule in rules for one in rule.conditions)


def reading_of(
    rule: AlertRule, analysis: PairAnalysis | Unavailable, beside: Beside, *, version: int = 0, late: bool = False
) -> Reading:
    """What the rule is told at this moment.

    analysis: of the rule's query; for a rule on `bar_close` one of closed rows alone (`closed_rows`), else of all rows;
    Unavailable where the pair cannot be computed at all.  Never raises; no value is NaN or infinite.
    """
    told = shared_reading(wanted((rule,)), rule.query, analysis, beside, version=version, late=late)
    return told if rule.evaluation == "live" else at_bar_close(told, analysis, beside)


def shared_reading(
    keys: frozenset[Key],
    query: PairQuery,
    analysis: PairAnalysis | Unavailable,
    beside: Beside,
    *,
    version: int = 0,
    late: bool = False,
) -> Reading:
    """The same for all live rules on one query at once. keys: see `wanted`.

    Of the feed's own metrics alone the time is the exchange's clock, since a dead feed brings no trade to tell it by;
    with any other it is that of the newest trade. A rule of the feed alone needs a reading of its own for that reason.
    """
    traded_ms = _newest_trade_ms(query, beside.feed)
    if isinstance(analysis, Unavailable):
        return Reading(at_ms=traded_ms or beside.now_ms or 0, values={}, error=analysis.reason, version=version)
    values: dict[Key, float] = {}
    missing: dict[Key, str] = {}
    for key in keys:
        found = _told(key, analysis, beside)
        if isinstance(found, Unavailable):
            missing[key] = found.reason
        elif math.isfinite(found):
            values[key] = float(found)
        else:
            missing[key] = f"{key[0]} is not a finite number"
    at_ms = traded_ms or (int(analysis.time_ms[-1]) if len(analysis.time_ms) else 0)
    if keys and all(metric in OF_THE_FEED for metric, _ in keys) and beside.now_ms is not None:
        at_ms = beside.now_ms
    return Reading(
        at_ms=at_ms,
        values=values,
        missing=missing,
        unfit=feed_fault(query, beside),
        version=version,
        late=late,
    )


def at_bar_close(reading: Reading, analysis: PairAnalysis | Unavailable, beside: Beside) -> Reading:
    """The reading as one of the newest row's close; without a bar, so that nothing is judged, where it still runs."""
    if isinstance(analysis, Unavailable) or not len(analysis.time_ms):
        return reading
    bar_ms = int(analysis.time_ms[-1])
    closes_ms = bar_ms + analysis.query.params.timeframe.milliseconds
    has_closed = max(_newest_trade_ms(analysis.query, beside.feed) or 0, beside.now_ms or 0) >= closes_ms
    return Reading(
        at_ms=closes_ms if has_closed else reading.at_ms,
        values=reading.values,
        missing=reading.missing,
        unfit=reading.unfit,
        bar_ms=bar_ms if has_closed else None,
        version=reading.version,
        late=reading.late,
    )


def closed_rows(series: PairSeries, timeframe: Timeframe, now_ms: int) -> PairSeries:
    """The rows whose bar has ended by `now_ms`, by the exchange's clock.

    series: one row more than the sample needs, else the oldest is missed.
    """
    if timeframe is Timeframe.TICK:
        return series
    closed = int((series.time_ms + timeframe.milliseconds <= now_ms).sum())
    if closed == len(series):
        return series
    return PairSeries(
        time_ms=series.time_ms[:closed],
        y=series.y[:closed],
        x=series.x[:closed],
        clean=series.clean[:closed],
        y_traded_ms=series.y_traded_ms[series.y_traded_ms + timeframe.milliseconds <= now_ms],
        x_traded_ms=series.x_traded_ms[series.x_traded_ms + timeframe.milliseconds <= now_ms],
        y_last_id=series.y_last_id,
        x_last_id=series.x_last_id,
    )


def feed_fault(query: PairQuery, beside: Beside) -> str | None:
    """Why nothing may be concluded of the pair as the feed is now, as a sentence; None when both legs are fresh."""
    legs = [beside.feed.symbols.get(s) or SymbolStatus(s, "CONNECTING") for s in (query.y_symbol, query.x_symbol)]
    state = pair_state(beside.feed, query.y_symbol, query.x_symbol)
    if state not in FLOWING:
        worst = min(legs, key=lambda leg: WORST_FIRST.index(leg.state))
        who = worst.symbol if worst.state == state else "the feed"
        why = worst.reason if worst.state == state else beside.feed.source_reason
        return f"{who} is {state}" if why is None else f"{who} is {state}: {why}"
    longest_ms = default_carry_ms(query.params.timeframe)
    for leg in legs:
        if leg.age_ms is None:
            return f"no data of {leg.symbol} has come yet"
        if leg.age_ms > OLD_MS:
            return f"the newest data of {leg.symbol} are {leg.age_ms / 1000:.0f} s old"
        if beside.now_ms is not None and leg.last_trade_ms is not None:
            quiet_ms = beside.now_ms - leg.last_trade_ms
            if quiet_ms > longest_ms:
                return f"{leg.symbol} has not traded for more than {longest_ms // 1000:,} s"
    return None


def bars_needed(metric: Metric, params: PairParams) -> int:
    """Rows without which the metric is not told: the fit sample, the window of a correlation, or one.

    >>> [bars_needed(metric, PairParams(window_bars=60)) for metric in ("zscore", "correlation", "price", "tick_age")]
    [300, 60, 1, 0]
    """
    if metric in OF_THE_FEED or metric == "funding":
        return 0
    if metric in OF_THE_MOMENT:
        return 1
    if metric == "correlation":
        return min(params.window_bars, params.sample_bars)
    if metric == "return_correlation":
        return min(params.window_bars + 1, params.sample_bars)
    return params.sample_bars


def too_few(needed: int, held: int) -> str:
    """The sentence of a sample that is not there yet."""
    return f"{held:,} of {needed:,} bars"


def hole_words(hole: Stretch) -> str:
    """The sentence of a hole."""
    if hole.kind == "open":
        return f"a hole in the trades of {hole.symbol} is being filled"
    return f"trades of {hole.symbol} inside the window are lost"


def hindering(hole: Stretch, *, sample_from_ms: int, window_from_ms: int) -> bool:
    """Whether a hole forbids what rests on bars: open within the sample, or lost within the rolling window."""
    if hole.kind == "open":
        return hole.end_ms > sample_from_ms
    return hole.kind == "lost" and hole.end_ms > window_from_ms


def _newest_trade_ms(query: PairQuery, feed: MarketStatus) -> int | None:
    legs = (feed.symbols.get(symbol) for symbol in (query.y_symbol, query.x_symbol))
    return max((leg.last_trade_ms for leg in legs if leg is not None and leg.last_trade_ms is not None), default=None)


def _told(key: Key, analysis: PairAnalysis, beside: Beside) -> float | Unavailable:
    metric, symbol = key
    if metric == "tick_age":
        return _age(analysis.query, symbol, beside.feed)
    if metric == "gap":
        return _gaps(analysis, beside.holes)
    if metric == "funding":
        return _funding(symbol or analysis.query.y_symbol, beside.terms)
    params = analysis.query.params
    needed = bars_needed(metric, params)
    if analysis.bars_held < needed:
        return Unavailable(too_few(needed, analysis.bars_held), needed, analysis.bars_held)
    if metric == "price":
        return float((analysis.x if symbol == analysis.query.x_symbol else analysis.y)[-1])
    if metric == "ratio":
        return float(analysis.y[-1] / analysis.x[-1])
    hole = _hole(analysis, beside.holes or ())
    if hole is not None:
        return Unavailable(hole_words(hole))
    if metric == "net_edge_bps":
        return Unavailable("what a trade costs is not known") if beside.costs is None else beside.costs.net_edge_bp
    return _statistic(metric, analysis)


def _statistic(metric: Metric, analysis: PairAnalysis) -> float | Unavailable:
    match metric:
        case "zscore":
            return analysis.latest_zscore
        case "spread":
            return analysis.latest_spread
        case "correlation":
            return analysis.latest_correlation
        case "return_correlation":
            return analysis.latest_return_correlation
        case "beta":
            return analysis.hedge if isinstance(analysis.hedge, Unavailable) else analysis.hedge.slope
        case "adf_pvalue":
            return analysis.adf if isinstance(analysis.adf, Unavailable) else analysis.adf.pvalue
        case "engle_granger_pvalue":
            found = analysis.engle_granger
            return found if isinstance(found, Unavailable) else found.pvalue
        case "half_life":
            return analysis.half_life_bars
    return Unavailable(f"{metric} is no statistic of a pair")


def _hole(analysis: PairAnalysis, holes: Sequence[Stretch]) -> Stretch | None:
    if not holes:
        return None
    time_ms = analysis.time_ms
    window = min(analysis.query.params.window_bars, len(time_ms))
    sample_from_ms, window_from_ms = int(time_ms[0]), int(time_ms[-window])
    found = (one for one in holes if hindering(one, sample_from_ms=sample_from_ms, window_from_ms=window_from_ms))
    return next(found, None)


def _age(query: PairQuery, symbol: str | None, feed: MarketStatus) -> float | Unavailable:
    ages: list[int] = []
    for one in (query.y_symbol, query.x_symbol) if symbol is None else (symbol,):
        leg = feed.symbols.get(one)
        if leg is None or leg.age_ms is None:
            return Unavailable(f"no data of {one} has come yet")
        ages.append(leg.age_ms)
    return float(max(ages))


def _gaps(analysis: PairAnalysis, holes: Sequence[Stretch] | None) -> float | Unavailable:
    if holes is None:
        return Unavailable("the ledger of holes was not looked at")
    if not len(analysis.time_ms):
        return Unavailable("no bars yet")
    first_ms = int(analysis.time_ms[0])
    return float(sum(one.kind in {"open", "lost"} and one.end_ms > first_ms for one in holes))


def _funding(symbol: str, terms: Mapping[str, LegTerms]) -> float | Unavailable:
    leg = terms.get(symbol)
    if leg is None:
        return Unavailable(f"the funding rate of {symbol} is not known")
    return leg.funding if isinstance(leg.funding, Unavailable) else _BP * leg.funding.rate
