"""Published trades as a checker wants them: plain numpy columns with real prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ingest.simulator.listing import Instrument
from ingest.simulator.noise import FloatArray
from ingest.simulator.trades import BoolArray, Int64Array, Trades


@dataclass(frozen=True, slots=True, eq=False)
class PublishedTrades:
    """Columns of one symbol, ascending by id, (n,) each.

    price, quantity: exactly the floats that the published decimal texts stand for.  first_fill, last_fill: `f`, `l`.
    """

    trade_id: Int64Array
    time_ms: Int64Array
    price: FloatArray
    quantity: FloatArray
    first_fill: Int64Array
    last_fill: Int64Array
    buyer_is_maker: BoolArray

    def __len__(self) -> int:
        return len(self.trade_id)

    @classmethod
    def of(cls, instrument: Instrument, trades: Trades) -> Self:
        """The same trades in USDT and base asset. A whole number divided by a power of ten is correctly rounded."""
        return cls(
            trade_id=trades.trade_id,
            time_ms=trades.time_ms,
            price=trades.price_units / 10.0**instrument.price_decimals,
            quantity=trades.quantity_units / 10.0**instrument.quantity_decimals,
            first_fill=trades.first_fill,
            last_fill=trades.last_fill,
            buyer_is_maker=trades.buyer_is_maker,
        )
