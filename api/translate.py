"""Results of the Desk into the contract's shapes. No number is computed here."""

from __future__ import annotations

from analytics.market import Bars, Quality, Timeframe
from analytics.results import Cointegration, HedgeFit, PairAnalysis, Unavailable, UnitRootTest
from analytics.status import MarketStatus
from api.numbers import iso_utc, number
from api.schemas import Bar, Health, HedgeRatio, History, Reason, Snapshot, SymbolHealth, UnitRoot, VerdictOut

# Field of the answer -> field of PairAnalysis, for everything that may be unavailable.
_MAY_BE_NULL = {
    "hedge_ratio": "hedge",
    "latest_spread": "latest_spread",
    "latest_zscore": "latest_zscore",
    "rolling_correlation": "latest_correlation",
    "return_correlation": "latest_return_correlation",
    "adf": "adf",
    "engle_granger": "engle_granger",
    "half_life_bars": "half_life_bars",
}
_HEALTHY = {"LIVE", "FINISHED"}


def health_answer(status: MarketStatus, version: str) -> Health:
    """What `/api/health` says."""
    return Health(
        status="ok" if status.state in _HEALTHY else "degraded",
        timestamp=iso_utc(status.now_ms),
        version=version,
        source=status.source,
        source_reason=status.source_reason,
        state=status.state,
        finished=status.finished,
        queue_depth=status.queue_depth,
        messages_per_s=round(status.messages_per_s, 3),
        symbols={
            name: SymbolHealth(
                state=one.state,
                reason=one.reason,
                ticks_stored=one.ticks_stored,
                first_id=one.first_id,
                last_id=one.last_id,
                age_ms=one.age_ms,
                lag_ms=one.lag_ms,
                messages_per_s=round(one.messages_per_s, 3),
                gaps_open=one.gaps_open,
                gaps_lost=one.gaps_lost,
                quarantined=one.quarantined,
                last_price=one.last_price,
                last_trade_ms=one.last_trade_ms,
            )
            for name, one in status.symbols.items()
        },
    )


def history_answer(symbol: str, timeframe: Timeframe, bars: Bars) -> History:
    """What `/api/data/history` says. The newest bar still grows, except where a bar is one trade."""
    last = len(bars) - 1
    rows = [
        Bar(
            ts=iso_utc(start_ms),
            time_ms=start_ms,
            open=open_,
            high=high,
            low=low,
            close=close,
            volume=volume,
            trades=trades,
            taker_buy_volume=taker,
            quality=Quality(quality).name.lower(),
            closed=at < last or timeframe is Timeframe.TICK,
        )
        for at, (start_ms, open_, high, low, close, volume, trades, taker, quality) in enumerate(
            zip(
                bars.start_ms.tolist(),
                bars.open.tolist(),
                bars.high.tolist(),
                bars.low.tolist(),
                bars.close.tolist(),
                bars.volume.tolist(),
                bars.trades.tolist(),
                bars.taker_buy_volume.tolist(),
                bars.quality.tolist(),
                strict=True,
            )
        )
    ]
    return History(symbol=symbol.lower(), timeframe=timeframe.value, bars=rows)


def snapshot_answer(analysis: PairAnalysis, now_ms: int) -> Snapshot:
    """What `POST /api/analytics/snapshot` says."""
    query, n = analysis.query, len(analysis.time_ms)
    a, b = query.y_symbol.lower(), query.x_symbol.lower()
    return Snapshot(
        symbol_a=a,
        symbol_b=b,
        timeframe=query.params.timeframe.value,
        window=query.params.window_bars,
        timestamp=iso_utc(now_ms),
        hedge_ratio=_hedge(analysis.hedge),
        latest_spread=number(analysis.latest_spread),
        latest_zscore=number(analysis.latest_zscore),
        rolling_correlation=number(analysis.latest_correlation),
        return_correlation=number(analysis.latest_return_correlation),
        adf=_test(analysis.adf),
        engle_granger=_test(analysis.engle_granger),
        half_life_bars=number(analysis.half_life_bars),
        verdict=VerdictOut(
            outcome=analysis.verdict.outcome,
            headline=analysis.verdict.headline,
            reasons=list(analysis.verdict.reasons),
        ),
        unavailable=_reasons(analysis),
        sample_bars=n,
        bars_needed=analysis.bars_needed,
        bars_held=analysis.bars_held,
        clean_share=analysis.clean_share,
        first_time_ms=int(analysis.time_ms[0]) if n else None,
        last_time_ms=int(analysis.time_ms[-1]) if n else None,
        last_ids={a: analysis.y_last_id, b: analysis.x_last_id},
    )


def _hedge(fit: HedgeFit | Unavailable) -> HedgeRatio | None:
    if isinstance(fit, Unavailable):
        return None
    return HedgeRatio(
        beta=fit.slope,
        intercept=fit.intercept,
        rvalue=fit.rvalue,
        r_squared=fit.r_squared,
        r_squared_kind=fit.r_squared_kind,
        pvalue=fit.pvalue,
        stderr=fit.stderr,
        intercept_stderr=fit.intercept_stderr,
        tvalue=fit.tvalue,
        observations=fit.observations,
    )


def _test(test: UnitRootTest | Cointegration | Unavailable) -> UnitRoot | None:
    if isinstance(test, Unavailable):
        return None
    return UnitRoot(
        statistic=test.statistic,
        pvalue=test.pvalue,
        lags=test.lags,
        nobs=test.observations,
        critical_values=dict(test.critical_values),
    )


def _reasons(analysis: PairAnalysis) -> dict[str, Reason]:
    values = {name: getattr(analysis, attribute) for name, attribute in _MAY_BE_NULL.items()}
    return {
        name: Reason(reason=value.reason, needed=value.needed, got=value.got)
        for name, value in values.items()
        if isinstance(value, Unavailable)
    }
