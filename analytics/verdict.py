"""One honest sentence about a pair."""

from __future__ import annotations

from analytics.results import Cointegration, Unavailable, UnitRootTest, Verdict

LEVEL = 0.05
MINIMUM_BARS = 100
HALF_LIVES_FOR_POWER = 30
LOW_CLEAN_SHARE = 0.5

_CANNOT_SAY = "Cannot say whether the pair is cointegrated"
_LUCK = "One unrelated pair in twenty passes this test by luck; trying many pairs or moments makes that certain."


def verdict(
    *,
    engle_granger: Cointegration | Unavailable,
    adf: UnitRootTest | Unavailable,
    half_life_bars: float | Unavailable,
    bars_held: int,
    bars_needed: int,
    clean_share: float | None,
) -> Verdict:
    """The headline by Engle-Granger at 5 %, and what a reader must know beside it.

    "cannot say": the test is unavailable, or rests on fewer than 100 bars. "not shown" is not "not there": its reasons
    say so where the sample is shorter than 30 half-lives, below which the test misses most real relations of that speed
    (at 10 half-lives it finds 15 % of them). clean_share: part of the rows where both legs traded, None where
    that means nothing (`tick`).
    """
    beside = (
        *_warm_up(bars_held, bars_needed),
        *_plain_adf(adf, engle_granger),
        *_carried_prices(clean_share, bars_held),
    )
    if isinstance(engle_granger, Unavailable):
        return Verdict("cannot say", _CANNOT_SAY, (f"No test: {engle_granger.reason}.", *beside))
    if bars_held < MINIMUM_BARS:
        few = f"Too few bars: {bars_held} of the {MINIMUM_BARS} that a verdict needs at least."
        return Verdict("cannot say", _CANNOT_SAY, (few, *beside))
    tested = (
        f"Engle-Granger on {engle_granger.observations} bars: {_p(engle_granger.pvalue)} "
        f"(t = {engle_granger.statistic:.2f}, 5 % critical value {engle_granger.critical_values['5%']:.2f})."
    )
    if engle_granger.pvalue < LEVEL:
        return Verdict("cointegrated", "Cointegrated at 5 %", (tested, _LUCK, *beside))
    power = _power(half_life_bars, bars_held)
    return Verdict("not shown", "Cointegration not shown at 5 %", (tested, *power, *beside))


def _warm_up(held: int, needed: int) -> tuple[str, ...]:
    return (f"Warming up: {held} of {needed} bars.",) if held < needed else ()


def _plain_adf(adf: UnitRootTest | Unavailable, engle_granger: Cointegration | Unavailable) -> tuple[str, ...]:
    if isinstance(adf, Unavailable):
        return ()
    sentence = (
        f"Plain ADF on the fitted spread: {_p(adf.pvalue)}. This p-value is optimistic, because the fit has already "
        "made the spread look stationary: at 5 % it passes about 15 % of unrelated pairs."
    )
    shown = isinstance(engle_granger, Cointegration) and engle_granger.pvalue < LEVEL
    if adf.pvalue < LEVEL and not shown:
        sentence += " It must not be read as cointegration here."
    return (sentence,)


def _carried_prices(clean_share: float | None, held: int) -> tuple[str, ...]:
    if clean_share is None or not held or clean_share >= LOW_CLEAN_SHARE:
        return ()
    sentence = (
        f"Both legs traded in only {clean_share:.0%} of the bars; elsewhere one price was carried forward, which pulls "
        "the correlation of returns towards 0. A longer timeframe shows more."
    )
    return (sentence,)


def _power(half_life_bars: float | Unavailable, held: int) -> tuple[str, ...]:
    if isinstance(half_life_bars, Unavailable):
        return ("The spread shows no reversion in this sample.",)
    if held >= HALF_LIVES_FOR_POWER * half_life_bars:
        return ()
    sentence = (
        f"The sample is {held / half_life_bars:.0f} half-lives long; below about {HALF_LIVES_FOR_POWER} the test "
        "misses most real relations, so 'not shown' does not mean 'not there'. A longer sample can tell."
    )
    return (sentence,)


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
