"""Every definition, in the order in which docs/statistics.md has them; it is made of them by `make docs`."""

from __future__ import annotations

from analytics.align import CLEAN_SHARE
from analytics.as_known import ZSCORE_AS_KNOWN
from analytics.cointegration import ENGLE_GRANGER
from analytics.correlation import CORRELATION, RETURN_CORRELATION
from analytics.costs import BREAK_EVEN, FILLS, FUNDING, NET_EDGE, REVERSION
from analytics.definition import Definition
from analytics.empty_bars import EMPTY_SHARE
from analytics.exit_time import EXIT_TIME
from analytics.false_discovery import Q_VALUE
from analytics.fixed_ratio import FIXED_RATIO
from analytics.half_life import CHAN_HALF_LIFE, HALF_LIFE
from analytics.hedge import HEDGE_RATIO, HEDGE_STDERR, INTERCEPT, OLS, R_SQUARED
from analytics.huber import HUBER
from analytics.hurst import HURST
from analytics.johansen import JOHANSEN_EIGENVALUE, JOHANSEN_TRACE
from analytics.kalman import INNOVATION, KALMAN
from analytics.kpss import KPSS
from analytics.ornstein_uhlenbeck import OU_DEVIATION, OU_MEAN, OU_REVERSION, OU_VOLATILITY
from analytics.phillips_ouliaris import PHILLIPS_OULIARIS
from analytics.power import POWER
from analytics.pvalue_trail import PVALUE_TRAIL
from analytics.rank_correlation import SPEARMAN
from analytics.ratio_trail import RATIO_TRAIL
from analytics.residual_shape import AUTOCORRELATION, EXCESS_KURTOSIS, QUANTILES, SKEWNESS
from analytics.rolling_hedge import ROLLING_OLS
from analytics.spread import SPREAD
from analytics.stability import CUSUM, HEDGE_DRIFT, RELATION_CHANGE
from analytics.theil_sen import THEIL_SEN
from analytics.total_least_squares import TOTAL_LEAST_SQUARES
from analytics.unit_root import ADF
from analytics.variance_ratio import VARIANCE_RATIO
from analytics.verdict import VERDICT
from analytics.zscore import ZSCORE

SECTIONS: tuple[tuple[str, tuple[Definition, ...]], ...] = (
    (
        "Hedge ratio",
        (
            HEDGE_RATIO,
            INTERCEPT,
            HEDGE_STDERR,
            R_SQUARED,
            OLS,
            ROLLING_OLS,
            TOTAL_LEAST_SQUARES,
            HUBER,
            THEIL_SEN,
            KALMAN,
            FIXED_RATIO,
        ),
    ),
    ("Spread and z-score", (SPREAD, ZSCORE, ZSCORE_AS_KNOWN, INNOVATION)),
    ("Correlation", (CORRELATION, RETURN_CORRELATION, SPEARMAN, EMPTY_SHARE, CLEAN_SHARE)),
    (
        "Cointegration",
        (VERDICT, ENGLE_GRANGER, ADF, POWER, Q_VALUE, PHILLIPS_OULIARIS, JOHANSEN_TRACE, JOHANSEN_EIGENVALUE, KPSS),
    ),
    (
        "Reversion",
        (
            HALF_LIFE,
            CHAN_HALF_LIFE,
            OU_MEAN,
            OU_REVERSION,
            OU_VOLATILITY,
            OU_DEVIATION,
            EXIT_TIME,
            HURST,
            VARIANCE_RATIO,
        ),
    ),
    ("Stability", (RELATION_CHANGE, CUSUM, HEDGE_DRIFT, RATIO_TRAIL, PVALUE_TRAIL)),
    ("Costs", (REVERSION, FILLS, FUNDING, NET_EDGE, BREAK_EVEN)),
    ("The residual", (AUTOCORRELATION, QUANTILES, SKEWNESS, EXCESS_KURTOSIS)),
)


def as_markdown() -> str:
    """The reference part of docs/statistics.md."""
    return "\n".join(_section(title, terms) for title, terms in SECTIONS)


def _section(title: str, terms: tuple[Definition, ...]) -> str:
    return f"## {title}\n\n" + "\n".join(_entry(term) for term in terms)


def _entry(term: Definition) -> str:
    parts = (
        ("Formula", term.formula),
        ("Conventions", term.conventions),
        ("Source", term.source),
        ("Checked against", term.checked_against),
        ("Limits", term.limits),
    )
    return f"### {term.name}\n\n{term.line}\n\n" + "".join(f"- **{name}:** {text}\n" for name, text in parts if text)
