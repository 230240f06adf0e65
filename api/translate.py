"""Results of the Desk into the contract's shapes. No number is computed here."""

from __future__ import annotations

from analytics.analysis import PairAnalysis
from analytics.market import Bars, Gap, Quality, Timeframe
from analytics.results import Cointegration, HedgeFit, Unavailable, UnitRootTest
from analytics.status import Diagnostics, FeedLink, MarketStatus, RestFacts, StoreFacts
from api.numbers import iso_utc, number
from api.schemas import (
    Bar,
    ConnectionHealth,
    GapOut,
    Gaps,
    Health,
    HedgeRatio,
    History,
    Reason,
    RestHealth,
    Snapshot,
    StoreHealth,
    SymbolHealth,
    UnitRoot,
    VerdictOut,
)
from api.table import one_line

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


def health_answer(status: MarketStatus, diagnostics: Diagnostics, version: str) -> Health:
    """What `/api/health` says."""
    symbols = status.symbols.values()
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
        gaps_open=sum(one.gaps_open for one in symbols),
        gaps_lost=sum(one.gaps_lost for one in symbols),
        quarantined=sum(one.quarantined for one in symbols),
        exchange_clock_ms=diagnostics.exchange_clock_ms,
        store=_store(diagnostics.store),
        rest=_rest(diagnostics.rest),
        connections=[_connection(link) for link in diagnostics.links],
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


def _store(facts: StoreFacts) -> StoreHealth:
    return StoreHealth(
        trouble=facts.trouble,
        database_bytes=facts.database_bytes,
        log_bytes=facts.log_bytes,
        free_bytes=facts.free_bytes,
    )


def _rest(facts: RestFacts | None) -> RestHealth | None:
    if facts is None:
        return None
    return RestHealth(
        used=facts.used,
        allowed=facts.allowed,
        silent_until=_moment(facts.silent_until_ms),
        trouble=facts.trouble,
    )


def _connection(link: FeedLink) -> ConnectionHealth:
    return ConnectionHealth(
        route=link.route,
        state=link.state,
        symbols=link.symbols,
        opened_at=_moment(link.opened_ms),
        renewed_at=_moment(link.renewed_at_ms),
        reconnects=link.reconnects,
        reason=link.reason,
    )


def _moment(time_ms: int | None) -> str | None:
    return None if time_ms is None else iso_utc(time_ms)


def gaps_answer(ledger: tuple[Gap, ...]) -> Gaps:
    """What `/api/data/gaps` says."""
    return Gaps(
        gaps=[
            GapOut(
                symbol=gap.symbol.lower(),
                first_id=gap.first_id,
                last_id=gap.last_id,
                state=gap.state,
                cause=one_line(gap.cause),
                opened_at=iso_utc(gap.opened_at_ms),
                closed_at=_moment(gap.closed_at_ms),
            )
            for gap in ledger
        ]
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
        pvalue=number(fit.pvalue),
        stderr=number(fit.stderr),
        intercept_stderr=number(fit.intercept_stderr),
        tvalue=number(fit.tvalue),
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
