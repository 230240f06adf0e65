"""The ground-truth log: one line for each trade the exchange published, for a checker that trusts nobody."""

from __future__ import annotations

from pathlib import Path

from ingest.simulator.listing import Instrument
from ingest.simulator.trades import Trades

_HEADER = "symbol,a,p,q,f,l,T,m\n"
_FLUSH_EVERY_MS = 1_000


class TruthLog:
    """Appends `symbol,a,p,q,f,l,T,m` lines to a file (a header line when it is new); flushed every second.

    A line `# new_ids SYMBOL` comes before the first trade of another history of a symbol.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="ascii", newline="\n")
        if not self._file.tell():
            self._file.write(_HEADER)
        self._flushed_ms = 0

    def append(self, instrument: Instrument, trades: Trades, now_ms: int) -> None:
        """Log published trades."""
        columns = (
            trades.trade_id.tolist(),
            map(instrument.price_text, trades.price_units.tolist()),
            map(instrument.quantity_text, trades.quantity_units.tolist()),
            trades.first_fill.tolist(),
            trades.last_fill.tolist(),
            trades.time_ms.tolist(),
            ("true" if m else "false" for m in trades.buyer_is_maker.tolist()),
        )
        self._file.writelines(f"{instrument.symbol},{','.join(map(str, row))}\n" for row in zip(*columns, strict=True))
        if now_ms - self._flushed_ms >= _FLUSH_EVERY_MS:
            self._file.flush()
            self._flushed_ms = now_ms

    def note(self, text: str) -> None:
        """Log a remark that belongs before what is published next."""
        self._file.write(f"# {text}\n")

    def close(self) -> None:
        """Write out what is left."""
        self._file.close()
