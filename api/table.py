"""Rows as CSV text, a page at a time: built from whole columns, so that a day of trades takes seconds.

Numbers are written as `repr` writes a float64, which reads back to the very same number. No cell holds text from
outside but the symbol (letters and digits), so nothing needs quotes and no cell can start a formula.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from analytics.market import Bars, Gap, Int64Array, Quality, Ticks

TICK_HEADER: Final = "ts,time_ms,symbol,trade_id,price,size,buyer_is_maker\n"
BAR_HEADER: Final = "ts,time_ms,symbol,open,high,low,close,volume,trades,quality\n"

_QUALITY: Final = np.array([quality.name.lower() for quality in Quality])


def tick_rows(symbol: str, ticks: Ticks) -> str:
    """A line a trade, as `TICK_HEADER` names the columns. symbol: as it is to be written."""
    columns = (
        _iso_utc(ticks.time_ms),
        ticks.time_ms.tolist(),
        ticks.trade_id.tolist(),
        ticks.price.tolist(),
        ticks.quantity.tolist(),
        np.where(ticks.buyer_is_maker, "true", "false").tolist(),
    )
    return "".join(
        [
            f"{ts}Z,{time_ms},{symbol},{trade_id},{price!r},{size!r},{maker}\n"
            for ts, time_ms, trade_id, price, size, maker in zip(*columns, strict=True)
        ]
    )


def bar_rows(symbol: str, bars: Bars) -> str:
    """A line a bar, as `BAR_HEADER` names the columns. symbol: as it is to be written."""
    columns = (
        _iso_utc(bars.start_ms),
        bars.start_ms.tolist(),
        bars.open.tolist(),
        bars.high.tolist(),
        bars.low.tolist(),
        bars.close.tolist(),
        bars.volume.tolist(),
        bars.trades.tolist(),
        _QUALITY[bars.quality].tolist(),
    )
    return "".join(
        [
            f"{ts}Z,{time_ms},{symbol},{open_!r},{high!r},{low!r},{close!r},{volume!r},{trades},{quality}\n"
            for ts, time_ms, open_, high, low, close, volume, trades, quality in zip(*columns, strict=True)
        ]
    )


def lost_lines(gaps: Iterable[Gap]) -> str:
    """A comment a hole: `# lost symbol first_id last_id cause`, whatever the cause holds on one line."""
    return "".join(f"# lost {gap.symbol.lower()} {gap.first_id} {gap.last_id} {one_line(gap.cause)}\n" for gap in gaps)


def one_line(text: str) -> str:
    """The words of a text with single spaces: no line break, no control character."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _iso_utc(time_ms: Int64Array) -> list[str]:
    """(n,) 2026-01-31T23:59:59.123, the `Z` still to come."""
    texts: list[str] = np.datetime_as_string(time_ms.astype("datetime64[ms]"), unit="ms").tolist()
    return texts
