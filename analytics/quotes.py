"""What the exchange asks of a trade in one symbol now: the best bid and ask, and the funding to come."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.results import Unavailable

# Quotes are asked for every 10 s and funding every 60 s, so these are three answers that never came.
QUOTE_OLD_MS = 30_000
FUNDING_OLD_MS = 180_000
FUNDING_EVERY_MS = 8 * 3_600_000


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask, in quote currency, 0 < bid <= ask. taken_ms: our monotonic clock when the answer came."""

    symbol: str
    bid: float
    ask: float
    taken_ms: int

    @property
    def half_spread_bp(self) -> float:
        """What one fill gives away against the middle, in basis points of its notional.

        >>> round(Quote("BTCUSDT", 99.9, 100.1, 0).half_spread_bp, 6)
        10.0
        """
        return 1e4 * (self.ask - self.bid) / (self.ask + self.bid)


@dataclass(frozen=True, slots=True)
class Funding:
    """What longs pay shorts at the next settlement.

    rate: part of the notional; below 0 the shorts pay.  next_ms: of that settlement, exchange time.  time_ms: the
    exchange's clock when it answered.  taken_ms: our monotonic clock then.
    """

    symbol: str
    rate: float
    next_ms: int
    time_ms: int
    taken_ms: int

    def due_in_ms(self, now_ms: int) -> int:
        """Milliseconds to the next settlement, >= 0; after one that has just passed, to the next but one.

        now_ms: our monotonic clock.
        """
        left_ms = self.next_ms - self.time_ms - (now_ms - self.taken_ms)
        return left_ms if left_ms >= 0 else left_ms % FUNDING_EVERY_MS

    def settlements(self, holding_ms: float, now_ms: int) -> int:
        """How many settlements a trade meets that is entered now and lasts so long; every eight hours after the next.

        >>> [Funding("BTCUSDT", 1e-4, 600_000, 0, 0).settlements(minutes * 6e4, 0) for minutes in (9, 10, 489, 490)]
        [0, 1, 1, 2]
        """
        due_ms = self.due_in_ms(now_ms)
        return 0 if holding_ms < due_ms else 1 + int((holding_ms - due_ms) // FUNDING_EVERY_MS)


@dataclass(frozen=True, slots=True)
class LegTerms:
    """The quote and the funding of one leg, or why they are not known."""

    quote: Quote | Unavailable
    funding: Funding | Unavailable

    def at(self, now_ms: int) -> LegTerms:
        """The same with what is too old by now told as such. now_ms: our monotonic clock.

        >>> LegTerms(Quote("BTCUSDT", 1.0, 1.1, 0), Unavailable("none")).at(45_000).quote
        Unavailable(reason='the quote of BTCUSDT is 45 s old', needed=None, got=None)
        """
        quote, funding = self.quote, self.funding
        if isinstance(quote, Quote) and now_ms - quote.taken_ms > QUOTE_OLD_MS:
            quote = _old("quote", quote.symbol, now_ms - quote.taken_ms)
        if isinstance(funding, Funding) and now_ms - funding.taken_ms > FUNDING_OLD_MS:
            funding = _old("funding rate", funding.symbol, now_ms - funding.taken_ms)
        return LegTerms(quote, funding)


def untold(why: str) -> LegTerms:
    """Neither is known, for one reason."""
    return LegTerms(Unavailable(why), Unavailable(why))


def _old(what: str, symbol: str, age_ms: int) -> Unavailable:
    return Unavailable(f"the {what} of {symbol} is {age_ms // 1000} s old")
