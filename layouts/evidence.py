"""Every test and estimate of a pair as rows of a table: what it is, its number, how sure, and what it says.

Nothing is computed here: a row reads one result, and says the same in a few words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from analytics.analysis import PairAnalysis
from analytics.definition import Definition
from analytics.evidence import Evidence, Johansen, Stationarity, VarianceRatio
from analytics.results import Cointegration, HedgeFit, Unavailable, UnitRootTest
from layouts import numbers, terms
from layouts.card import warming_up
from layouts.cards import exactness, half_life_interval, inapplicable
from layouts.figures.units import spread_decimals, spread_unit
from layouts.legs import Legs

Tone = Literal["good", "mind", "plain"]

LEVEL: Final = 0.05
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Row:
    """One line. label: the term as it stands here.  value: statistic or estimate.  sure: p-value or interval."""

    term: Definition
    label: str
    value: str
    sure: str
    says: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that answer one question."""

    title: str
    rows: tuple[Row, ...]


def groups(analysis: PairAnalysis, evidence: Evidence, legs: Legs) -> tuple[Group, ...]:
    """The whole table, question by question."""
    return (
        Group("Hedge ratio", _hedges(analysis, evidence, legs)),
        Group("Are the legs cointegrated?", _cointegration(analysis, evidence, legs)),
        Group("Does the spread stand still?", _stationarity(analysis, evidence)),
        Group("How fast does it revert?", _reversion(analysis, evidence, legs)),
        Group("Did one relation hold?", _stability(analysis, evidence, legs)),
        Group("What is the residual like?", _shape(evidence)),
    )


def _row(
    result: _Result | Unavailable,
    term: Definition,
    label: str,
    read: Callable[[_Result], tuple[str, str, str, Tone]],
) -> Row:
    """The row of a result, or a dash with its reason."""
    if isinstance(result, Unavailable):
        return Row(term, label, numbers.DASH, "", warming_up(result))
    return Row(term, label, *read(result))


def _hedges(analysis: PairAnalysis, evidence: Evidence, legs: Legs) -> tuple[Row, ...]:
    y, x = legs.y.name, legs.x.name

    def read(fit: HedgeFit) -> tuple[str, str, str, Tone]:
        says = f"R² {numbers.fixed(fit.r_squared, 3)}{'' if fit.r_squared_kind == 'centred' else ' uncentred'}"
        if isinstance(fit.stderr, Unavailable) and isinstance(fit.interval, Unavailable):
            return numbers.significant(fit.slope), numbers.DASH, numbers.typeset(fit.stderr.reason), "plain"
        return numbers.significant(fit.slope), " ".join(exactness(fit)), says, "plain"

    rows = [
        _row(analysis.hedge, terms.HEDGE_RATIO, f"{y} on {x}", read),
        _row(evidence.reverse_hedge, terms.HEDGE_RATIO, f"{x} on {y}", read),
    ]
    if not isinstance(analysis.hedge, Unavailable) and analysis.query.params.include_intercept:
        fit = analysis.hedge
        error, value = fit.intercept_stderr, numbers.significant(fit.intercept)
        sure, says = (numbers.DASH, error.reason) if isinstance(error, Unavailable) else (_stderr(error), "")
        rows.append(Row(terms.INTERCEPT, "Intercept α", value, sure, says))
    return tuple(rows)


def _cointegration(analysis: PairAnalysis, evidence: Evidence, legs: Legs) -> tuple[Row, ...]:
    y, x = legs.y.name, legs.x.name

    def engle_granger(test: Cointegration) -> tuple[str, str, str, Tone]:
        return numbers.signed(test.statistic, 2), _p(test.pvalue), *_rejects(test.pvalue, "cointegrated", "not shown")

    phillips = evidence.phillips_ouliaris
    return (
        _row(analysis.engle_granger, terms.ENGLE_GRANGER, f"Engle-Granger, {y} on {x}", engle_granger),
        _row(analysis.engle_granger_reverse, terms.ENGLE_GRANGER, f"Engle-Granger, {x} on {y}", engle_granger),
        _row(
            phillips,
            terms.PHILLIPS_OULIARIS,
            "Phillips-Ouliaris",
            lambda test: (
                numbers.signed(test.statistic, 2), _p(test.pvalue),
                *_rejects(test.pvalue, "cointegrated", "not shown"),
            ),
        ),
        *_johansen(evidence.johansen),
    )  # fmt: skip


def _johansen(result: Johansen | Unavailable) -> tuple[Row, ...]:
    if isinstance(result, Unavailable):
        return (_row(result, terms.JOHANSEN_TRACE, "Johansen", lambda _: ("", "", "", "plain")),)
    kinds = (
        (terms.JOHANSEN_TRACE, "Johansen trace", result.trace, result.trace_critical),
        (terms.JOHANSEN_EIGENVALUE, "Johansen largest λ", result.largest, result.largest_critical),
    )
    rows = [
        Row(
            term,
            f"{name}, r {'= 0' if rank == 0 else '≤ 1'}",
            numbers.fixed(statistics[rank], 2),
            f"5 % at {numbers.fixed(critical[rank]['5%'], 2)}",
            _more_relations(statistics[rank] > critical[rank]["5%"], rank),
            "good" if rank == 0 and statistics[0] > critical[0]["5%"] else "plain",
        )
        for term, name, statistics, critical in kinds
        for rank in (0, 1)
    ]
    vectors = (
        Row(
            terms.JOHANSEN_TRACE,
            f"Johansen vector {at}",
            f"1, {'+' if vector[1] > 0 else ''}{numbers.significant(vector[1])}",
            f"λ {numbers.significant(eigenvalue, 3)}",
            f"β {numbers.significant(-vector[1])}" if at == 1 else "the weaker mix",
        )
        for at, (vector, eigenvalue) in enumerate(zip(result.vectors, result.eigenvalues, strict=True), 1)
    )
    return (*rows, *vectors)


def _more_relations(rejected: bool, rank: int) -> str:  # noqa: FBT001 - a row's own answer
    if rank == 0:
        return "a relation" if rejected else "none shown"
    return "each leg reverts" if rejected else "no second one"


def _stationarity(analysis: PairAnalysis, evidence: Evidence) -> tuple[Row, ...]:
    def adf(test: UnitRootTest) -> tuple[str, str, str, Tone]:
        says, _ = _rejects(test.pvalue, "optimistic", "not shown")
        return numbers.signed(test.statistic, 2), _p(test.pvalue), says, "plain"

    def kpss(test: Stationarity) -> tuple[str, str, str, Tone]:
        bound = {"<": "<", ">": ">"}.get(test.pvalue_is_bound, "")
        sure = f"p {bound}{numbers.pvalue(test.pvalue)}" if bound else _p(test.pvalue)
        rejected = test.pvalue < LEVEL or (test.pvalue_is_bound == "<" and test.pvalue <= LEVEL)
        return (
            numbers.fixed(test.statistic, 3), sure,
            "no fixed level" if rejected else "level not rejected", "mind" if rejected else "plain",
        )  # fmt: skip

    adf_answer = analysis.adf
    if isinstance(adf_answer, Unavailable):
        adf_answer = inapplicable(analysis, adf_answer)
    return (
        _row(adf_answer, terms.ADF, "ADF, fitted spread", adf),
        _row(evidence.kpss, terms.KPSS, "KPSS", kpss),
        *_variance_ratios(evidence.variance_ratio),
    )


def _variance_ratios(result: VarianceRatio | Unavailable) -> tuple[Row, ...]:
    if isinstance(result, Unavailable):
        return (_row(result, terms.VARIANCE_RATIO, "Variance ratio", lambda _: ("", "", "", "plain")),)
    return tuple(
        Row(
            terms.VARIANCE_RATIO,
            f"Variance ratio, {numbers.counted(horizon, 'bar')}",
            numbers.fixed(ratio, 3),
            _p(pvalue),
            "like a walk" if pvalue >= LEVEL else "moves taken back" if ratio < 1 else "moves run on",
        )
        for horizon, ratio, pvalue in zip(result.horizons, result.ratios, result.pvalues, strict=True)
    )


def _reversion(analysis: PairAnalysis, evidence: Evidence, legs: Legs) -> tuple[Row, ...]:
    half_life = analysis.half_life
    if isinstance(half_life, Unavailable):
        half_life = inapplicable(analysis, half_life)
    timeframe = analysis.query.params.timeframe

    def lasting(bars: float) -> str:
        return numbers.duration(round(bars * timeframe.milliseconds)) if timeframe.milliseconds else ""

    return (
        _row(
            half_life, terms.HALF_LIFE, "Half-life, exact",
            lambda fit: (_bars(fit.bars), f"[{half_life_interval(fit)}]", lasting(fit.bars), "plain"),
        ),
        _row(
            half_life, terms.HALF_LIFE, "Half-life, unbiased",
            lambda fit: ("never", "", "", "plain") if fit.unbiased_bars is None
            else (_bars(fit.unbiased_bars), "", lasting(fit.unbiased_bars), "plain"),
        ),
        _row(
            half_life, terms.CHAN_HALF_LIFE, "Half-life, Chan",
            lambda fit: (_bars(fit.chan_bars), "", lasting(fit.chan_bars), "plain"),
        ),
        *_process(analysis, evidence, legs),
        _row(
            evidence.exit_time, terms.EXIT_TIME, _exit_label(analysis, evidence, legs),
            lambda found: (
                _bars(found.bars), f"{numbers.significant(found.seen_bars, 3)} by bar ends",
                lasting(found.bars) if found.bars else "there already", "plain",
            ),
        ),
        _row(
            evidence.hurst, terms.HURST, "Hurst exponent",
            lambda found: (
                numbers.fixed(found.exponent, 3),
                f"[{numbers.fixed(found.low, 2)} to {numbers.fixed(found.high, 2)}]",
                "comes back" if found.high < 0.5 else "runs on" if found.low > 0.5 else "like a walk", "plain",
            ),
        ),
    )  # fmt: skip


def _exit_label(analysis: PairAnalysis, evidence: Evidence, legs: Legs) -> str:
    found = evidence.exit_time
    label = f"Time to z = {numbers.significant(analysis.query.params.exit_zscore, 3)}"
    return label if isinstance(found, Unavailable) else f"{label}, at {_spread(found.level, analysis, legs)}"


def _process(analysis: PairAnalysis, evidence: Evidence, legs: Legs) -> tuple[Row, ...]:
    """The four numbers of the fitted process."""
    found = evidence.ornstein_uhlenbeck
    if isinstance(found, Unavailable):
        return (_row(found, terms.OU_REVERSION, "Ornstein-Uhlenbeck", lambda _: ("", "", "", "plain")),)
    unit = spread_unit(analysis, legs)
    values = (
        (terms.OU_MEAN, "OU mean", _spread(found.mean, analysis, legs), found.mean_stderr, unit),
        (
            terms.OU_REVERSION, "OU reversion", numbers.significant(found.reversion, 3),
            found.reversion_stderr, "a bar",
        ),
        (
            terms.OU_VOLATILITY, "OU volatility", numbers.significant(found.volatility, 3),
            found.volatility_stderr, f"{unit} a √bar",
        ),
        (
            terms.OU_DEVIATION, "OU deviation", numbers.significant(found.deviation, 3),
            found.deviation_stderr, unit,
        ),
    )  # fmt: skip
    return tuple(Row(term, label, value, _stderr(stderr), says) for term, label, value, stderr, says in values)


def _stability(analysis: PairAnalysis, evidence: Evidence, legs: Legs) -> tuple[Row, ...]:
    stability, trail = analysis.stability, evidence.pvalue_trail
    first = _row(
        stability, terms.CUSUM, "CUSUM of the residual",
        lambda found: (
            numbers.fixed(found.statistic, 2), f"5 % at {numbers.fixed(found.critical_value, 2)}",
            *(("it changed", "mind") if found.changed_at_ms is not None else ("one relation", "plain")),
        ),
    )  # fmt: skip
    before = _row(
        stability, terms.RELATION_CHANGE, "β before, after",
        lambda found: (
            f"{numbers.significant(found.slope_before, 3)} → {numbers.significant(found.slope_after, 3)}", "",
            f"{legs.x.name} per {legs.y.name}", "plain",
        ),
    )  # fmt: skip
    share = _row(
        trail, terms.PVALUE_TRAIL, "p-value trail",
        lambda found: (
            f"{100 * found.passed_share:.0f} % passed", f"{numbers.count(found.window_bars)} bars each",
            "many looks", "plain",
        ),
    )  # fmt: skip
    return (first, before, share)


def _shape(evidence: Evidence) -> tuple[Row, ...]:
    shape = evidence.residual
    return (
        _row(
            shape, terms.AUTOCORRELATION, "Autocorrelation, lag 1",
            lambda found: (
                numbers.signed(float(found.autocorrelation[1]), 3), f"band ±{numbers.fixed(found.band, 3)}",
                "has memory" if abs(found.autocorrelation[1]) > found.band else "no memory shown", "plain",
            ),
        ),
        _row(
            shape, terms.SKEWNESS, "Skewness",
            lambda found: (numbers.signed(found.skewness, 2), "", "0 is symmetric", "plain"),
        ),
        _row(
            shape, terms.EXCESS_KURTOSIS, "Excess kurtosis",
            lambda found: (
                numbers.signed(found.excess_kurtosis, 2), "",
                "heavy tails" if found.excess_kurtosis > 1 else "about normal", "plain",
            ),
        ),
    )  # fmt: skip


def _p(pvalue: float) -> str:
    text = numbers.pvalue(pvalue)
    return f"p {text}" if text[0] in "<>" else f"p = {text}"


def _stderr(value: float) -> str:
    return f"s.e. {numbers.significant(value, 2)}"


def _rejects(pvalue: float, yes: str, no: str) -> tuple[str, Tone]:
    return (yes, "good") if pvalue < LEVEL else (no, "plain")


def _bars(bars: float) -> str:
    return f"{numbers.significant(bars, 3)} bars"


def _spread(value: float, analysis: PairAnalysis, legs: Legs) -> str:
    return numbers.signed(value, spread_decimals(analysis, legs))
