"""What the local exchange lists: thirteen perpetuals, their grids, their rates, and who follows whom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanders:
    """A price with a force of its own. volatility: log return a minute.  market_share: loading on the market."""

    volatility: float
    market_share: float


@dataclass(frozen=True, slots=True)
class Follows:
    """A price cointegrated with another one in levels: price = intercept + slope * leader + deviation.

    deviation: standard deviation as a fraction of the anchor price.  breaks_every_ms: None, or how often the relation
    is replaced by another one (see `prices.Regimes`).
    """

    leader: str
    slope: float
    half_life_s: float
    deviation: float
    breaks_every_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """One perpetual.

    anchor: the price around which it lives.  price_decimals: digits behind the point; one price unit is
    10**-price_decimals and the tick is `tick_units` of them.  quantity_decimals: one quantity unit is the step.
    trades_per_day: aggregate trades, the same number every day.  mean_notional: USDT a trade.
    """

    base: str
    anchor: float
    price_decimals: int
    tick_units: int
    quantity_decimals: int
    trades_per_day: int
    mean_notional: float
    behaviour: Wanders | Follows

    @property
    def symbol(self) -> str:
        """Name of the contract, such as BTCUSDT."""
        return self.base + "USDT"

    @property
    def tick(self) -> float:
        """Smallest move of the price."""
        return float(self.tick_units / 10**self.price_decimals)

    def price_text(self, units: int) -> str:
        """A price as the exchange writes it."""
        return decimal_text(units, self.price_decimals)

    def quoted_quantities(self, time_ms: int) -> tuple[int, int]:
        """Quantity at the best bid and ask at a moment, in units, >= 1; an ornament that no statistic rests on."""
        usual = max(1, round(self.mean_notional / self.anchor * 10**self.quantity_decimals))
        step = time_ms // 100
        return usual * (1 + step * 7919 % 9), usual * (1 + step * 104_729 % 11)

    def quantity_text(self, units: int) -> str:
        """A quantity as the exchange writes it."""
        return decimal_text(units, self.quantity_decimals)


def decimal_text(units: int, decimals: int) -> str:
    """`units * 10**-decimals`, written out exactly.

    >>> decimal_text(9700010, 2), decimal_text(7, 3), decimal_text(12, 0)
    ('97000.10', '0.007', '12')
    """
    if not decimals:
        return str(units)
    whole, part = divmod(units, 10**decimals)
    return f"{whole}.{part:0{decimals}d}"


_DAY_S = 86_400
_FOUR_HOURS_MS = 14_400_000
_BTC = Follows("ETHUSDT", slope=22.0, half_life_s=20, deviation=2.6e-4)
_SOL = Follows("AVAXUSDT", slope=4.2, half_life_s=90, deviation=7e-4)
_LINK = Follows("DOTUSDT", slope=2.6, half_life_s=480, deviation=16e-4)
_DOGE = Follows("1000SHIBUSDT", slope=14.6, half_life_s=30, deviation=6e-4, breaks_every_ms=_FOUR_HOURS_MS)

MARKET_VOLATILITY = 4.2e-4  # log return a minute of the force that all wandering prices share in part

INSTRUMENTS: tuple[Instrument, ...] = (
    Instrument("BTC", 97_000.0, 2, 10, 3, 10 * _DAY_S, 6_500.0, _BTC),
    Instrument("ETH", 3_400.0, 2, 1, 3, 7 * _DAY_S, 4_000.0, Wanders(5.2e-4, 1.0)),
    Instrument("SOL", 190.0, 4, 100, 2, 4 * _DAY_S, 2_200.0, _SOL),
    Instrument("AVAX", 36.0, 4, 10, 0, 2 * _DAY_S, 900.0, Wanders(7.0e-4, 1.1)),
    Instrument("BNB", 650.0, 3, 10, 2, 5 * _DAY_S // 2, 1_800.0, Wanders(5.0e-4, 0.6)),
    Instrument("XRP", 2.30, 4, 1, 1, 3 * _DAY_S, 1_700.0, Wanders(8.0e-4, 0.7)),
    Instrument("ADA", 0.80, 5, 10, 0, 3 * _DAY_S // 2, 800.0, Wanders(9.0e-4, 0.7)),
    Instrument("DOGE", 0.35, 6, 10, 0, 3 * _DAY_S, 1_300.0, _DOGE),
    Instrument("1000SHIB", 0.024, 6, 1, 0, 3 * _DAY_S // 2, 700.0, Wanders(8.5e-4, 0.9)),
    Instrument("LTC", 105.0, 2, 1, 3, 6 * _DAY_S // 5, 900.0, Wanders(7.5e-4, 0.0)),
    Instrument("BCH", 450.0, 2, 1, 3, 6 * _DAY_S // 5, 900.0, Wanders(8.0e-4, 0.0)),
    Instrument("LINK", 22.0, 3, 1, 2, 2 * _DAY_S, 1_000.0, _LINK),
    Instrument("DOT", 7.0, 3, 1, 1, 6 * _DAY_S // 5, 700.0, Wanders(7.5e-4, 0.9)),
)
