"""How each kind of market is put together: live, demo, replay. Each has a database of its own in the data folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from analytics.errors import BadInput
from ingest.live import LiveFeed
from ingest.replay import ReplayFeed, recorded_symbols
from ingest.rest import RestClient
from ingest.sequence import Cursor
from ingest.session import FeedSession
from ingest.simulator import LocalExchange
from ingest.weight import WeightBudget
from services.data_folder import Database, demo_database, live_database, replay_database
from services.market import Market
from services.parts import MarketParts
from services.ports import Clock, TickStore
from settings import Settings
from storage.ring import Rings
from storage.sole_user import SoleUser
from storage.sql import SqlStore

_DAY_MS = 86_400_000


def open_live(settings: Settings, clock: Clock, on_change: Callable[[str], None], budget: WeightBudget) -> Market:
    """The exchange that the settings name. budget: what REST may still cost, a ban included."""
    return _exchange_market(
        settings,
        clock,
        on_change,
        _store(settings, live_database(settings), clock),
        source="live",
        symbols=settings.symbols,
        market_ws_url=settings.market_ws_url,
        rest_url=settings.rest_url,
        budget=budget,
    )


def open_demo(
    settings: Settings, clock: Clock, on_change: Callable[[str], None], reason: str, *, strict: bool = False
) -> Market:
    """The local exchange, met over the real wire protocol. reason: why it is shown, as a sentence.

    A symbol that it does not list is left out, or, if `strict`, refused with BadInput.
    """
    exchange = LocalExchange(seed=settings.seed)
    listed = exchange.symbols()
    symbols = tuple(symbol for symbol in settings.symbols if symbol in listed)
    if strict and symbols != settings.symbols:
        unknown = next(symbol for symbol in settings.symbols if symbol not in listed)
        raise BadInput(f"--symbols: the demo market does not list {unknown}; choose from {', '.join(listed)}")
    # The store first: a data folder in use refuses the start before anything runs.
    store = _store(settings, demo_database(settings), clock)
    exchange.start()
    return _exchange_market(
        settings,
        clock,
        on_change,
        store,
        source="demo",
        symbols=symbols if len(symbols) > 1 else listed[:2],
        market_ws_url=exchange.market_ws_url,
        rest_url=exchange.rest_url,
        budget=WeightBudget(),
        source_reason=reason,
        stop_extra=exchange.stop,
    )


def open_replay(settings: Settings, path: Path, clock: Clock, on_change: Callable[[str], None]) -> Market:
    """A recording. Raises BadInput when the file cannot be read. Its database begins empty at each start."""
    symbols = recorded_symbols(path)
    database = replay_database(settings, path)
    _remove_old(database.path)
    store = _store(settings, database, clock)
    feed = ReplayFeed(
        path,
        FeedSession({}, any_symbol=True),
        clock,
        speed=None if settings.speed == "max" else float(settings.speed),
        queue_depth=store.queue_depth,
    )
    parts = MarketParts(
        source="replay",
        feed=feed,
        rings=Rings(settings.ring_ticks),
        store=store,
        archive=None,
        clock=clock,
        symbols=symbols,
        source_reason=f"playing {path.name} at {'full speed' if settings.speed == 'max' else f'{settings.speed:g}x'}",
    )
    return Market(parts, on_change)


def _exchange_market(
    settings: Settings,
    clock: Clock,
    on_change: Callable[[str], None],
    store: TickStore,
    *,
    source: Literal["live", "demo"],
    symbols: tuple[str, ...],
    market_ws_url: str,
    rest_url: str,
    budget: WeightBudget,
    source_reason: str | None = None,
    stop_extra: Callable[[], None] = lambda: None,
) -> Market:
    rings = Rings(settings.ring_ticks)
    cursors = _reload(rings, store, settings)
    rest = RestClient(rest_url, clock, budget)
    parts = MarketParts(
        source=source,
        feed=LiveFeed(market_ws_url, FeedSession(cursors), clock, symbols, renew_after_s=settings.renew_minutes * 60),
        rings=rings,
        store=store,
        archive=rest,
        quotes=rest,
        clock=clock,
        symbols=symbols,
        history_ms=settings.history_minutes * 60_000,
        source_reason=source_reason,
        stop_extra=stop_extra,
    )
    return Market(parts, on_change)


def _store(settings: Settings, database: Database, clock: Clock) -> SqlStore:
    return SqlStore(
        database.path,
        venue=database.venue,
        now_ms=clock.now_ms,
        keep_ms=round(settings.keep_days * _DAY_MS) or None,
        keep_bytes=round(settings.keep_gib * (1 << 30)) or None,
        spare_bytes=settings.spare_mib << 20,
    )


def _remove_old(database: Path) -> None:
    """A recording is played into an empty database; the old one holds nothing that the file does not."""
    if not database.exists():
        return
    alone = SoleUser(database)
    try:
        for suffix in ("", "-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
    finally:
        alone.release()


def _reload(rings: Rings, store: TickStore, settings: Settings) -> dict[str, Cursor]:
    """The newest stored trades back into memory, and where each symbol's ids go on."""
    cursors = {}
    for symbol in store.summary():
        ticks = store.ticks(symbol, limit=settings.ring_ticks)
        if len(ticks):
            rings.of(symbol).append(ticks)
            cursors[symbol] = Cursor(int(ticks.trade_id[-1]), int(ticks.time_ms[-1]))
    return cursors
