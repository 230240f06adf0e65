"""One honest sentence about a pair, and the sentences that it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from analytics.definition import Definition
from analytics.evidence import Stability
from analytics.holes import hole_share
from analytics.market import HedgeMethod, Int64Array, Timeframe
from analytics.power import USUAL_POWER, observations_needed, power
from analytics.results import Cointegration, Unavailable, UnitRootTest, Verdict

LEVEL = 0.05
MATTERS_FROM = 0.2
MINIMUM_BARS = 100
MINIMUM_HALF_LIVES = 10
MOST_IN_HOLES = 0.1
MINIMUM_PRICES = 10  # a leg on fewer steps makes 8 to 28 % of unrelated pairs pass
_SHORT_BARS = 200  # below, the surface of p-values is too kind: 8.5 % of unrelated pairs pass at 100 bars, 6 % at 300

VERDICT = Definition(
    name="Verdict",
    line="Whether the two prices are bound together, by Engle-Granger at 5 %, or why these bars cannot tell.",
    formula=(
        "**cointegrated**: Engle-Granger of y on x, p < 0.05 (for a given ratio: ADF of the spread). **not shown**: "
        "p >= 0.05 in a sample of at least 10 half-lives, or across a change of the relation. **cannot say**: the test "
        "is unavailable; fewer than 100 bars; more than a tenth of the time in holes; a leg with fewer than 10 "
        "different prices; bars more than six deviations off that come back, without which the answer is the other "
        "one; p < 0.05 across a change of the slope by a fifth, or with a CUSUM beyond its bound; p >= 0.05 with a "
        "shorter sample or a spread that does not revert; a leg that is not live."
    ),
    conventions=(
        "The test is of one OLS line over all bars, whatever hedge is shown. Beside it: change of the relation, the "
        "other direction where it answers differently, power, plain ADF with its caution, and how many pairs and "
        "settings were looked at (Bonferroni)."
    ),
    source=(
        "Engle and Granger (1987), Econometrica 55; MacKinnon (1994, 2010). For a ratio that was not chosen by these "
        "bars: Dickey and Fuller with a constant."
    ),
    checked_against=(
        "Seeded simulation in the test run: of 2 000 unrelated pairs of 300 bars 3.5 to 8 % are called cointegrated, "
        "under heavy bounce (noise of twice a bar's move, 1 000 bars) below 12 %; of pairs with a half-life of 10 bars "
        "in 1 000 at least 95 %."
    ),
    limits=(
        "One unrelated pair in twenty passes; 8 % at 100 bars, 7 % where volatility clusters or the legs drift. The "
        "half-life is that of the sample, and unrelated walks of n bars show some n / 11: 'not shown' of such a pair "
        "is the right answer for the wrong reason."
    ),
)

_BY_LUCK = "unrelated pairs passes this test by luck."
_LITTLE = "So little that one line still holds in the main."
_CANNOT_SAY = "Cannot say whether the pair is cointegrated"
_FITTED: dict[HedgeMethod, str] = {"tls": "total least squares", "huber": "Huber", "theil_sen": "Theil-Sen"}
_MOVING: dict[HedgeMethod, str] = {"rolling_ols": "rolling OLS", "kalman": "Kalman"}


def verdict(
    *,
    hedge: HedgeMethod,
    engle_granger: Cointegration | Unavailable,
    reverse: Cointegration | Unavailable,
    adf: UnitRootTest | Unavailable,
    half_life_bars: float | Unavailable,
    stability: Stability | Unavailable,
    lone_prints: Int64Array,
    without_them: Cointegration | UnitRootTest | Unavailable,
    fewest_prices: tuple[str, int],
    time_ms: Int64Array,
    timeframe: Timeframe,
    bars_needed: int,
    beside: Sequence[str] = (),
) -> Verdict:
    """The headline by Engle-Granger at 5 % (for a fixed ratio by ADF), and what a reader must know, weightiest first.

    engle_granger: y on x; reverse: x on y.  adf: of the spread shown.  half_life_bars: of the spread that is tested,
    that is for `rolling_ols` and `kalman` of the residual of the one OLS line.  time_ms: (n,) of the rows; times ago
    count from the newest.  bars_needed: rows of a full sample.  lone_prints: rows of the tested spread that stand far
    off; without_them: the test of the other rows.  fewest_prices: the leg ("y" or "x") that took fewer different
    prices, and how many.  beside: further sentences, put last.
    """
    held = len(time_ms)
    test = adf if hedge == "fixed" else engle_granger
    changed = _change(stability, time_ms)
    always = (
        *_plain_adf(adf, engle_granger, hedge),
        *((f"Warming up: {held} of {bars_needed} bars.",) if held < bars_needed else ()),
        *beside,
    )
    if isinstance(test, Unavailable):
        return Verdict("cannot say", _CANNOT_SAY, (f"No test: {test.reason}.", *always))
    pvalue = test.pvalue
    always = (*_direction(engle_granger, reverse, hedge), *_shown_spread(hedge), *always)
    tested = _tested(test, held, hedge)
    unusable = _unusable(held, hole_share(time_ms, timeframe), fewest_prices)
    unusable = unusable or _decided(pvalue, lone_prints, without_them, held)
    if unusable is not None:
        return Verdict("cannot say", _CANNOT_SAY, (unusable, *changed, tested, *always), pvalue)
    if pvalue < LEVEL and _matters(stability):
        across = _across(changed, "One line across that means nothing; take a sample of the newer bars alone.")
        return Verdict("cannot say", _CANNOT_SAY, (*across, tested, *always), pvalue)
    if pvalue < LEVEL:
        return Verdict(
            "cointegrated", "Cointegrated at 5 %", (tested, *_across(changed, _LITTLE), _luck(held), *always), pvalue
        )
    if changed:
        across = _across(changed, "No one line holds over the sample, so this test cannot find one.")
        return Verdict("not shown", "Cointegration not shown at 5 %", (*across, tested, *always), pvalue)
    enough, why = _power(half_life_bars, held, hedge)
    if not enough:
        return Verdict("cannot say", _CANNOT_SAY, (why, tested, *always), pvalue)
    return Verdict("not shown", "Cointegration not shown at 5 %", (tested, why, *always), pvalue)


def in_context(verdict: Verdict, *, looks: int, stale: str | None) -> Verdict:
    """The verdict, knowing what the sample does not.

    looks: different pairs and settings that were asked for since the start, this one included (>= 1).  stale: a
    sentence about a leg that is not live, or None; the numbers are then old and the outcome becomes "cannot say".

    >>> one = Verdict("cointegrated", "Cointegrated at 5 %", ("Engle-Granger: p = 0.010.",), 0.01)
    >>> in_context(one, looks=14, stale=None).reasons[-1]
    'The 14th pair and setting looked at: of 14 unrelated ones 0.7 pass. Bonferroni asks for p < 0.0036: not met.'
    """
    if stale is not None:
        reasons = (f"{stale.rstrip('.')}. The numbers are old.", *verdict.reasons)
        return replace(verdict, outcome="cannot say", headline=_CANNOT_SAY, reasons=reasons)
    if looks < 2 or verdict.outcome != "cointegrated" or verdict.pvalue is None:
        return verdict
    asked = LEVEL / looks
    counted = (
        f"The {_ordinal(looks)} pair and setting looked at: of {looks} unrelated ones {_few(LEVEL * looks)} pass. "
        f"Bonferroni asks for p < {asked:.2g}: {'met' if verdict.pvalue < asked else 'not met'}."
    )
    return replace(verdict, reasons=(*(r for r in verdict.reasons if not r.endswith(_BY_LUCK)), counted))


def _tested(test: Cointegration | UnitRootTest, held: int, hedge: HedgeMethod) -> str:
    found = f"{_p(test.pvalue)} (t = {test.statistic:.2f})."
    if hedge == "fixed":
        return f"ADF of y - ratio x on {held} bars: {found} Right only if the ratio was not chosen by these bars."
    return f"Engle-Granger on {held} bars: {found}"


def _luck(held: int) -> str:
    return f"One in {'twelve' if held < _SHORT_BARS else 'twenty'} {_BY_LUCK}"


def _unusable(held: int, in_holes: float, fewest_prices: tuple[str, int]) -> str | None:
    if held < MINIMUM_BARS:
        return f"Too few bars: {held} of the {MINIMUM_BARS} that a verdict needs at least."
    if in_holes > MOST_IN_HOLES:
        return f"Gaps: {_percent(in_holes)} of the time of this sample has no rows. Take a sample without the gap."
    leg, prices = fewest_prices
    if prices < MINIMUM_PRICES:
        return f"Leg {leg} took only {prices} different prices, too few to test: take longer bars or a longer sample."
    return None


def _decided(
    pvalue: float, lone_prints: Int64Array, without_them: Cointegration | UnitRootTest | Unavailable, held: int
) -> str | None:
    """Whether a few bars that stand far off decide the answer."""
    if not len(lone_prints) or isinstance(without_them, Unavailable):
        return None
    if (pvalue < LEVEL) == (without_them.pvalue < LEVEL):
        return None
    newest = held - 1 - int(lone_prints[-1])
    bars = "One bar" if len(lone_prints) == 1 else f"{len(lone_prints)} bars"
    at = f"{newest} bars back" if newest else "the newest"
    last = at if len(lone_prints) == 1 else f"the last of them {at}"
    return (
        f"{bars}, {last}, so far off that the answer hangs on it: without, {_p(without_them.pvalue)}. "
        "Look at that print."
    )


def _change(stability: Stability | Unavailable, time_ms: Int64Array) -> tuple[str, ...]:
    if isinstance(stability, Unavailable) or stability.changed_at_ms is None:
        return ()
    since = int((time_ms >= stability.changed_at_ms).sum())
    when = f"The relation changed {_ago(int(time_ms[-1]) - stability.changed_at_ms)}, {since} bars back"
    return (f"{when}: slope {stability.slope_before:.4g} before, {stability.slope_after:.4g} after.",)


def _matters(stability: Stability | Unavailable) -> bool:
    """Whether a change leaves no one line: the slope moved by a fifth, or the CUSUM left its bound.

    One stable pair in thirty seems to change, mostly by less; to call all of those unknown would cost 3 % of the power.
    """
    if isinstance(stability, Unavailable) or stability.changed_at_ms is None:
        return False
    before, after = stability.slope_before, stability.slope_after
    moved = abs(after - before) > MATTERS_FROM * max(abs(before), abs(after))
    return moved or stability.statistic > stability.critical_value


def _across(changed: tuple[str, ...], meaning: str) -> tuple[str, ...]:
    return (f"{changed[0]} {meaning}",) if changed else ()


def _direction(
    engle_granger: Cointegration | Unavailable, reverse: Cointegration | Unavailable, hedge: HedgeMethod
) -> tuple[str, ...]:
    if isinstance(engle_granger, Unavailable) or isinstance(reverse, Unavailable) or hedge == "fixed":
        return ()
    if (engle_granger.pvalue < LEVEL) == (reverse.pvalue < LEVEL):
        return ()
    return (f"The direction matters: y on x {_p(engle_granger.pvalue)}, x on y {_p(reverse.pvalue)}.",)


def _shown_spread(hedge: HedgeMethod) -> tuple[str, ...]:
    if hedge in _MOVING:
        moves = f"Tested is one fixed line. The spread shown moves its ratio ({_MOVING[hedge]}) and was not tested"
        return (f"{moves}: such a spread reverts on any two prices.",)
    if hedge in _FITTED:
        return (f"Tested is the OLS line; the spread shown is that of the {_FITTED[hedge]} line.",)
    return ()


def _plain_adf(
    adf: UnitRootTest | Unavailable, engle_granger: Cointegration | Unavailable, hedge: HedgeMethod
) -> tuple[str, ...]:
    if isinstance(adf, Unavailable) or hedge == "fixed" or hedge in _MOVING:
        return ()
    sentence = f"Plain ADF on the fitted spread: {_p(adf.pvalue)}."
    if isinstance(engle_granger, Cointegration):  # that is, with an intercept
        passes = "about a quarter" if hedge == "tls" else "about 15 %"
        sentence += (
            " Optimistic, because the fit has already made the spread look stationary: at 5 % it passes "
            f"{passes} of unrelated pairs."
        )
    shown = isinstance(engle_granger, Cointegration) and engle_granger.pvalue < LEVEL
    if adf.pvalue < LEVEL and not shown:
        sentence += " It must not be read as cointegration here."
    return (sentence,)


def _power(half_life_bars: float | Unavailable, held: int, hedge: HedgeMethod) -> tuple[bool, str]:
    """Whether the sample is long enough for "not shown" to mean something, and the sentence about it."""
    if isinstance(half_life_bars, Unavailable):
        return False, "The spread shows no reversion in this sample. A longer one may tell."
    half_life = max(half_life_bars, 0.1)
    half_lives = held / half_life
    needed = _rounded_up(observations_needed(half_life))
    if hedge == "fixed":  # the table is that of Engle-Granger; with a known ratio ADF finds somewhat more
        enough = half_lives >= MINIMUM_HALF_LIVES
        length = f"The sample is {_few(half_lives)} half-lives long (of {_bars(half_life)} bars)"
        return enough, f"{length}." if enough else f"{length}, too few to tell; {needed} bars would do."
    found = power(half_life, held)
    finds = (
        f"with a half-life of {_bars(half_life)} bars the test finds a real relation in {_percent(found)} of samples"
    )
    cure = f"; {needed} bars would give {_percent(USUAL_POWER)}" if found < USUAL_POWER else ""
    if half_lives < MINIMUM_HALF_LIVES:
        return False, f"Too few bars for this half-life: {finds} of {held} bars{cure}."
    doubt = "Not shown is not 'not there'" if found < USUAL_POWER else "Such a relation would hardly be missed"
    return True, f"{doubt}: {finds} of {held} bars{cure}."


def _p(value: float) -> str:
    """Three decimals, and more where three would hide on which side of the level it lies."""
    if value < 0.001:
        return "p < 0.001"
    decimals = next(d for d in (3, 4, 6, 17) if (round(value, d) < LEVEL) == (value < LEVEL))
    return f"p = {value:.{decimals}f}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _bars(count: float) -> str:
    return f"{count:.3g}" if count < 1_000 else f"{count:,.0f}"


def _few(count: float) -> str:
    return f"{count:.1f}" if count < 10 else f"{count:.0f}"


def _rounded_up(bars: int) -> int:
    """To two digits."""
    unit: int = 10 ** (len(str(bars)) - 2)
    return -(-bars // unit) * unit


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _ago(span_ms: int) -> str:
    seconds = span_ms / 1_000
    units = (("second", 1, 100), ("minute", 60, 7_200), ("hour", 3_600, 172_800), ("day", 86_400, math.inf))
    name, length = next((name, length) for name, length, below in units if seconds < below)
    count = round(seconds / length)
    return f"{count} {name}{'' if count == 1 else 's'} ago"
