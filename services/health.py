"""The status light: what the facts of the feed and of the store add up to. It judges the age of data, not sockets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from analytics.status import FeedState, MarketStatus, StoredSymbol, SymbolStatus
from ingest.live import Link
from ingest.session import SymbolFacts
from services.parts import MarketParts

_STALE_AFTER_MS = 10_000
_MUTE_AFTER_MS = 10_000
_DELAYED_FROM_MS = 2_000
# The order in which a symbol's state decides about the whole: the worst wins.
_WORST_FIRST: tuple[FeedState, ...] = (
    "HALTED",
    "BLOCKED",
    "OFFLINE",
    "MUTE",
    "STALE",
    "DELAYED",
    "CONNECTING",
    "BACKFILLING",
    "FINISHED",
    "LIVE",
)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known beside the feed and the store.

    clock_offset_ms: the exchange's clock minus our monotonic one; the lag is corrected by it.  listed: the symbols that
    the exchange trades now; empty while unknown.  undelivered: those whose trades have to be fetched, because the
    stream does not tell them.  unsettled: those of which nobody knows yet what was traded before their present
    connection.  rest_silence: why nothing may be asked of REST now, as a sentence.  fault: what has stopped for good,
    as a sentence.
    """

    clock_offset_ms: int | None = None
    listed: Collection[str] = ()
    undelivered: Collection[str] = ()
    unsettled: Collection[str] = ()
    rest_silence: str | None = None
    fault: str | None = None


def market_status(parts: MarketParts, watched: tuple[str, ...], known: Knowledge) -> MarketStatus:
    """One frozen picture of feed and store."""
    link, facts, stored = parts.feed.link, dict(parts.feed.session.facts), parts.store.summary()
    now_ms, mono_ms = parts.clock.now_ms(), parts.clock.monotonic_ms()
    symbols = {
        symbol: _symbol_status(
            symbol,
            facts.get(symbol) or SymbolFacts(link.since_ms),
            stored.get(symbol, StoredSymbol()),
            parts.feed.link_of(symbol),
            known,
            mono_ms=mono_ms,
        )
        for symbol in watched
    }
    state = link.state
    reason = parts.source_reason
    if state == "LIVE" and symbols:
        worst = min(symbols.values(), key=lambda one: _WORST_FIRST.index(one.state))
        state = worst.state
        if state in {"BLOCKED", "OFFLINE"}:
            # One of several connections: what to do about it concerns the reader like an outage of all.
            reason = worst.reason
    elif parts.source == "live" and link.reason is not None:
        reason = link.reason
    trouble = parts.store.trouble
    return MarketStatus(
        source=parts.source,
        state=state,
        now_ms=now_ms,
        source_reason=" ".join(part for part in (reason, trouble, known.fault) if part) or None,
        finished=(state == "FINISHED") if parts.source == "replay" else None,
        queue_depth=parts.store.queue_depth(),
        messages_per_s=sum(one.messages_per_s for one in symbols.values()),
        symbols=symbols,
    )


def _symbol_status(
    symbol: str, facts: SymbolFacts, stored: StoredSymbol, link: Link, known: Knowledge, *, mono_ms: int
) -> SymbolStatus:
    age_ms = None if facts.last_arrival_ms is None else max(mono_ms - facts.last_arrival_ms, 0)
    trade_age_ms = None if facts.last_trade_arrival_ms is None else max(mono_ms - facts.last_trade_arrival_ms, 0)
    lag_ms = None
    # A recording's event times lie in the past: its lag means nothing.
    if facts.event_offset_ms is not None and known.clock_offset_ms is not None:
        lag_ms = facts.event_offset_ms + known.clock_offset_ms
    state, reason = symbol_state(facts, stored.gaps_open, link, age_ms=age_ms, lag_ms=lag_ms, mono_ms=mono_ms)
    state, reason = _with_knowledge(symbol, state, reason, known)
    return SymbolStatus(
        symbol=symbol,
        state=state,
        reason=reason,
        ticks_stored=stored.ticks_stored,
        first_id=stored.first_id,
        last_id=stored.last_id,
        age_ms=age_ms,
        lag_ms=lag_ms,
        messages_per_s=facts.messages_per_s(mono_ms),
        gaps_open=stored.gaps_open,
        gaps_lost=stored.gaps_lost,
        quarantined=facts.quarantined,
        last_price=facts.last_price,
        last_trade_ms=facts.last_trade_ms,
        trade_age_ms=trade_age_ms,
    )


def _with_knowledge(
    symbol: str, state: FeedState, reason: str | None, known: Knowledge
) -> tuple[FeedState, str | None]:
    if state in {"MUTE", "STALE"} and known.listed and symbol not in known.listed:
        return state, f"the exchange does not list {symbol} (any more): no data will come"
    if symbol in known.undelivered and state in {"LIVE", "DELAYED", "BACKFILLING"}:
        return "MUTE", f"{symbol} is traded, but the stream tells no trades: they are fetched every 5 s"
    if symbol in known.unsettled and state in {"LIVE", "DELAYED"}:
        state, reason = "BACKFILLING", "asking what was traded before this connection"
    if state == "BACKFILLING" and known.rest_silence is not None:
        reason = f"{reason}; that waits, because {known.rest_silence}"
    return state, reason


def symbol_state(
    facts: SymbolFacts, gaps_open: int, link: Link, *, age_ms: int | None, lag_ms: int | None, mono_ms: int
) -> tuple[FeedState, str | None]:
    """State of one symbol with a sentence where it is not LIVE. Pure."""
    if facts.halted is not None:
        return "HALTED", facts.halted
    if link.state != "LIVE":
        return link.state, link.reason
    waiting_ms = mono_ms - facts.requested_at_ms
    arrived = facts.last_arrival_ms is not None and facts.last_arrival_ms >= facts.requested_at_ms
    if not arrived and waiting_ms > _MUTE_AFTER_MS:
        seconds = waiting_ms // 1000
        return "MUTE", f"asked for {seconds} s ago, and no data: wrong route or unknown symbol"
    if not arrived or age_ms is None:
        return "CONNECTING", "waiting for the first data"
    if age_ms > _STALE_AFTER_MS:
        return "STALE", f"no data for {age_ms // 1000} s"
    if lag_ms is not None and lag_ms > _DELAYED_FROM_MS:
        return "DELAYED", f"data arrive {lag_ms / 1000:.1f} s late"
    if gaps_open:
        return "BACKFILLING", f"{gaps_open} hole{'s' if gaps_open > 1 else ''} being filled"
    return "LIVE", None
