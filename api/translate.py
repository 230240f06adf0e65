"""Results of the Desk into the contract's shapes. No number is computed here."""

from __future__ import annotations

from analytics.datasets import dataset_of
from analytics.market import Bars, Gap, Quality, Timeframe
from analytics.status import Diagnostics, FeedLink, MarketStatus, RestFacts, StoreFacts
from api.numbers import finite, iso_utc
from api.schemas import (
    Bar,
    ConnectionHealth,
    GapOut,
    Gaps,
    Health,
    History,
    RestHealth,
    StoreHealth,
    SymbolHealth,
)
from api.table import one_line

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
    """What `/api/data/history` says. The newest bar still grows, except where a bar is one trade, or in a dataset."""
    last = len(bars) - 1
    grows = timeframe is not Timeframe.TICK and dataset_of(symbol) is None
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
            taker_buy_volume=finite(taker),
            quality=Quality(quality).name.lower(),
            closed=at < last or not grows,
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
