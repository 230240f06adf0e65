"""What the Diagnostics page and `doctor` tell of a running market, gathered from its parts."""

from __future__ import annotations

import threading

from analytics.status import Diagnostics, SetAside
from services.parts import MarketParts


def diagnose(parts: MarketParts, *, clock_offset_ms: int | None) -> Diagnostics:
    """One frozen picture. clock_offset_ms: the exchange's clock minus our monotonic one, where it is known."""
    session, clock = parts.feed.session, parts.clock
    return Diagnostics(
        links=parts.feed.links(),
        rest=parts.archive.facts() if parts.archive is not None else None,
        store=parts.store.facts(),
        set_aside=tuple(
            SetAside(one.reason, one.sample.decode("utf-8", "replace"), one.symbol) for one in list(session.refused)
        ),
        set_aside_total=session.refused_total,
        complaints=tuple(f"{one.code}: {one.message}" for one in list(session.complaints)),
        exchange_clock_ms=None if clock_offset_ms is None else clock_offset_ms + clock.monotonic_ms() - clock.now_ms(),
        threads=threading.active_count(),
    )
