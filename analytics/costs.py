"""What a trade on the spread would earn and cost if it were entered now, in basis points of its gross notional."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.attempt import attempt
from analytics.definition import Definition
from analytics.evidence import ExitTime
from analytics.exit_time import expected_exit
from analytics.hedging import MOVING
from analytics.market import Timeframe
from analytics.ornstein_uhlenbeck import ornstein_uhlenbeck
from analytics.pair_tests import not_applicable
from analytics.quotes import Funding, LegTerms, Quote
from analytics.results import Unavailable

Side = Literal["short", "long"]

_BP = 1e4
_LINE_MOVES = Unavailable("not applicable: the line moves, and that part of a reversion nobody can earn")

REVERSION = Definition(
    name="Expected reversion",
    line="What the spread's way from here to the exit level is worth, in basis points of both legs' notional together.",
    formula="max(abs(z) - exit, 0) deviation / gross; gross is y + abs(slope) x on prices, 1 + abs(slope) on logs.",
    conventions=(
        "z, deviation (n - 1) and exit level are of the newest window, prices and slope of the newest row. The trade "
        "is 1 unit of y against slope units of x; on logs 1 of notional against slope of notional. 0 inside the exit "
        "level."
    ),
    source="By definition: a change of y - slope x is the profit of holding 1 y and -slope x.",
    checked_against=(
        "Examples worked by hand; laws: the same for the legs swapped, for prices in any currency, for either sign of "
        "z (1e-9); the profit of both legs bought and sold at these prices (1e-9; on logs to first order)."
    ),
    limits=(
        "What is expected if the spread comes back to its own mean over the window, which nothing promises. With "
        "rolling OLS and Kalman the line moves and takes part of the way: nobody earns that part, so there is no net "
        "edge."
    ),
)
FILLS = Definition(
    name="Four fills",
    line="Taker fees and half the quoted spread of both legs, in and out, in basis points of both legs' notional.",
    formula="-2 sum over the legs of weight (fee + half-spread); weight: the leg's part of gross.",
    conventions=(
        "The taker fee is that of the preferences. Half-spread: (ask - bid) / (ask + bid), of the exchange's best bid "
        "and ask; asked for every 10 s while somebody looks, not used when older than 30 s."
    ),
    source="The exchange's `bookTicker`.",
    checked_against="Examples worked by hand: two equal legs at 5 bp and no spread cost 10 bp of gross.",
    limits=(
        "For sizes that the best bid and ask hold. A larger order walks the book; a resting order pays the maker fee "
        "and may not be filled."
    ),
)
FUNDING = Definition(
    name="Funding",
    line="What both legs pay or earn at the funding settlements inside the expected time to the exit.",
    formula="-side sum over the legs of signed weight x rate x settlements; side: +1 long the spread, -1 short.",
    conventions=(
        "A rate above 0 is paid by longs to shorts, each on the notional of that moment, here of now. Above its mean "
        "the spread is sold (y short, x long), below it is bought. The trade lasts exactly the expected time to the "
        "exit (at bar ends): it meets a settlement that falls inside and none that falls after. Rate and time as the "
        "exchange tells them for the next settlement, further ones every 8 hours at the same rate; not used when told "
        "more than 3 minutes ago."
    ),
    source="The exchange's `premiumIndex` (`lastFundingRate`, `nextFundingTime`).",
    checked_against="Examples worked by hand; changes sign with z and stays the same with the legs swapped (1e-12).",
    limits=(
        "The rate moves until it is settled. Some symbols settle every 4 hours or hourly: beyond their next settlement "
        "too little is counted."
    ),
)
NET_EDGE = Definition(
    name="Net edge",
    line="Expected reversion less four fills and funding, in basis points of both legs' notional.",
    formula="Expected reversion + four fills + funding, costs below 0.",
    conventions="Of a trade entered now. Known only where all three are; not for rolling OLS and Kalman.",
    source="By definition.",
    checked_against="The sum of its parts.",
    limits=(
        "A mean over many such trades of a spread that reverts as fitted, no promise for this one: no stop, no "
        "relation that breaks, no price that moves between the fills of the two legs."
    ),
)
BREAK_EVEN = Definition(
    name="Break-even z",
    line="The z-score from which on the way to the exit level pays for the four fills, funding left out.",
    formula="exit + fills / (deviation / gross), both in basis points.",
    conventions="The same above and below the mean. Rests on the deviation of the newest window.",
    source="By definition: expected reversion = four fills.",
    checked_against="At that z the expected reversion is the fills (1e-9).",
    limits="It moves with the deviation: a calm window asks for a larger z, perhaps for one that it cannot show.",
)


@dataclass(frozen=True, slots=True)
class PairCosts:
    """A trade entered now, in basis points of gross notional; what it earns is above 0, what it pays below.

    side: of the spread, and so of y: "short" where z is above 0.  x_side: of x, the other one where the slope is above
    0.  reversion_bp: >= 0.  fees_bp, half_spreads_bp: <= 0; fills_bp is their sum.  holding_ms: expected until the
    exit.  settlements: funding settlements of y and of x in that time.  net_edge_bp: the sum.  break_even_zscore: >=
    exit level.  quote_age_ms, funding_age_ms: of the older leg's answer, None while a leg has none.
    """

    side: Side | Unavailable
    x_side: Side | Unavailable
    reversion_bp: float | Unavailable
    fees_bp: float
    half_spreads_bp: float | Unavailable
    fills_bp: float | Unavailable
    holding_ms: float | Unavailable
    settlements: tuple[int, int] | Unavailable
    funding_bp: float | Unavailable
    net_edge_bp: float | Unavailable
    break_even_zscore: float | Unavailable
    quote_age_ms: int | None
    funding_age_ms: int | None


@dataclass(frozen=True, slots=True)
class _Position:
    """Parts of gross that the legs of a long spread are worth; x is held short where the slope is above 0.

    gross: in the units of the spread.
    """

    y: float
    x: float
    gross: float


def trading_costs(analysis: PairAnalysis, y: LegTerms, x: LegTerms, *, taker_fee_bp: float, now_ms: int) -> PairCosts:
    """What a trade on the spread would earn and cost, entered now at the newest prices and held to the exit level.

    y, x: what the exchange asks of each leg.  taker_fee_bp: of one fill, >= 0.  now_ms: monotonic, as in the terms.
    Never raises: what cannot be told is `Unavailable`, and no value is NaN or infinite.
    """
    ages = _age(y.quote, x.quote, now_ms), _age(y.funding, x.funding, now_ms)
    y, x = y.at(now_ms), x.at(now_ms)
    z, params = analysis.latest_zscore, analysis.query.params
    position = _position(analysis)
    one_z_bp = _one_z(analysis, position)
    fees_bp, half_spreads_bp = -2.0 * taker_fee_bp, _half_spreads(position, y.quote, x.quote)
    fills_bp = _sum(fees_bp, half_spreads_bp)
    reversion_bp = _reversion(z, params.exit_zscore, one_z_bp)
    holding_ms = _holding(analysis)
    settlements = _settlements(holding_ms, y.funding, x.funding, now_ms)
    funding_bp = _funding(position, z, (y.funding, x.funding), settlements)
    barred = _LINE_MOVES if params.hedge in MOVING else None
    return PairCosts(
        side=z if isinstance(z, Unavailable) else "short" if z >= 0 else "long",
        x_side=_x_side(position, z),
        reversion_bp=reversion_bp,
        fees_bp=fees_bp,
        half_spreads_bp=half_spreads_bp,
        fills_bp=fills_bp,
        holding_ms=holding_ms,
        settlements=settlements,
        funding_bp=funding_bp,
        net_edge_bp=barred or _sum(reversion_bp, fills_bp, funding_bp),
        break_even_zscore=barred or _break_even(params.exit_zscore, fills_bp, one_z_bp),
        quote_age_ms=ages[0],
        funding_age_ms=ages[1],
    )


def _x_side(position: _Position | Unavailable, z: float | Unavailable) -> Side | Unavailable:
    if isinstance(position, Unavailable):
        return position
    if isinstance(z, Unavailable):
        return z
    return "short" if (z >= 0) != (position.x > 0) else "long"


def _age(y: Quote | Funding | Unavailable, x: Quote | Funding | Unavailable, now_ms: int) -> int | None:
    if isinstance(y, Unavailable) or isinstance(x, Unavailable):
        return None
    return max(now_ms - min(y.taken_ms, x.taken_ms), 0)


def _position(analysis: PairAnalysis) -> _Position | Unavailable:
    fit = analysis.hedge
    if isinstance(fit, Unavailable):
        return fit
    if analysis.query.params.price_scale == "log":
        gross = 1.0 + abs(fit.slope)
        return _Position(1.0 / gross, fit.slope / gross, gross)
    y_worth, x_worth = float(analysis.y[-1]), fit.slope * float(analysis.x[-1])
    gross = y_worth + abs(x_worth)
    return _Position(y_worth / gross, x_worth / gross, gross)


def _one_z(analysis: PairAnalysis, position: _Position | Unavailable) -> float | Unavailable:
    """What a z-score of 1 is worth, in basis points of gross."""
    z, spread = analysis.latest_zscore, analysis.latest_spread
    if isinstance(position, Unavailable):
        return position
    if isinstance(z, Unavailable):
        return z
    if isinstance(spread, Unavailable):
        return spread
    params = analysis.query.params
    if params.hedge == "kalman":
        return _BP * spread / z / position.gross if z else Unavailable("the z-score is 0, so its unit is not seen")
    known = analysis.spread[np.isfinite(analysis.spread)]  # as for the z-score: rolling OLS may lack rows
    return _BP * float(known[-params.window_bars :].std(ddof=1)) / position.gross


def _reversion(z: float | Unavailable, exit_zscore: float, one_z_bp: float | Unavailable) -> float | Unavailable:
    if isinstance(z, Unavailable):
        return z
    beyond = abs(z) - exit_zscore
    if beyond <= 0.0:
        return 0.0
    return one_z_bp if isinstance(one_z_bp, Unavailable) else beyond * one_z_bp


def _half_spreads(
    position: _Position | Unavailable, y: Quote | Unavailable, x: Quote | Unavailable
) -> float | Unavailable:
    if isinstance(position, Unavailable):
        return position
    if isinstance(y, Unavailable):
        return y
    if isinstance(x, Unavailable):
        return x
    return -2.0 * (position.y * y.half_spread_bp + abs(position.x) * x.half_spread_bp)


def _break_even(
    exit_zscore: float, fills_bp: float | Unavailable, one_z_bp: float | Unavailable
) -> float | Unavailable:
    if isinstance(fills_bp, Unavailable):
        return fills_bp
    return one_z_bp if isinstance(one_z_bp, Unavailable) else exit_zscore - fills_bp / one_z_bp


def _holding(analysis: PairAnalysis) -> float | Unavailable:
    """Expected milliseconds to the exit; on `tick` by the mean time from row to row."""
    params = analysis.query.params
    if analysis.evidence is not None:
        found: ExitTime | Unavailable = analysis.evidence.exit_time
    else:
        hedge = analysis.hedge
        barred = hedge if isinstance(hedge, Unavailable) else not_applicable(params.hedge)
        found = attempt(
            lambda: expected_exit(ornstein_uhlenbeck(analysis.spread), analysis.spread, params), barred=barred
        )
    if isinstance(found, Unavailable):
        return found
    bar_ms: float = params.timeframe.milliseconds
    if params.timeframe is Timeframe.TICK:
        bar_ms = float(analysis.time_ms[-1] - analysis.time_ms[0]) / (len(analysis.time_ms) - 1)
    return found.seen_bars * bar_ms


def _settlements(
    holding_ms: float | Unavailable, y: Funding | Unavailable, x: Funding | Unavailable, now_ms: int
) -> tuple[int, int] | Unavailable:
    if isinstance(holding_ms, Unavailable):
        return holding_ms
    if isinstance(y, Unavailable):
        return y
    if isinstance(x, Unavailable):
        return x
    return y.settlements(holding_ms, now_ms), x.settlements(holding_ms, now_ms)


def _funding(
    position: _Position | Unavailable,
    z: float | Unavailable,
    rates: tuple[Funding | Unavailable, Funding | Unavailable],
    settlements: tuple[int, int] | Unavailable,
) -> float | Unavailable:
    y, x = rates
    if isinstance(position, Unavailable):
        return position
    if isinstance(z, Unavailable):
        return z
    if isinstance(settlements, Unavailable):  # as it is where a rate is not known
        return settlements
    if isinstance(y, Unavailable):
        return y
    if isinstance(x, Unavailable):
        return x
    long_pays = position.y * y.rate * settlements[0] - position.x * x.rate * settlements[1]
    return _BP * (long_pays if z >= 0 else -long_pays) + 0.0


def _sum(*parts: float | Unavailable) -> float | Unavailable:
    """The sum, or why the first part that is not known is not."""
    total = 0.0
    for part in parts:
        if isinstance(part, Unavailable):
            return part
        total += part
    return total
