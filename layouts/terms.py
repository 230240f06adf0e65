"""Which definition stands behind which word of the screen."""

from __future__ import annotations

from typing import Final

from analytics.as_known import ZSCORE_AS_KNOWN
from analytics.cointegration import ENGLE_GRANGER
from analytics.correlation import CORRELATION, RETURN_CORRELATION
from analytics.definition import Definition
from analytics.empty_bars import EMPTY_SHARE
from analytics.exit_time import EXIT_TIME
from analytics.fixed_ratio import FIXED_RATIO
from analytics.half_life import CHAN_HALF_LIFE, HALF_LIFE
from analytics.huber import HUBER
from analytics.hurst import HURST
from analytics.johansen import JOHANSEN_EIGENVALUE, JOHANSEN_TRACE
from analytics.kalman import INNOVATION, KALMAN
from analytics.kpss import KPSS
from analytics.market import HedgeMethod
from analytics.ornstein_uhlenbeck import OU_DEVIATION, OU_MEAN, OU_REVERSION, OU_VOLATILITY
from analytics.phillips_ouliaris import PHILLIPS_OULIARIS
from analytics.rank_correlation import SPEARMAN
from analytics.rolling_hedge import ROLLING_OLS
from analytics.stability import CUSUM, HEDGE_DRIFT, RELATION_CHANGE
from analytics.theil_sen import THEIL_SEN
from analytics.total_least_squares import TOTAL_LEAST_SQUARES
from analytics.variance_ratio import VARIANCE_RATIO
from analytics.verdict import VERDICT


def _awaited(name: str, line: str) -> Definition:
    return Definition(name, line, "", "", "", "", "")


HEDGE_RATIO = _awaited("Hedge ratio", "How much of x is held short against one of y: the slope of the line.")
INTERCEPT = _awaited("Intercept", "Where the line meets x = 0.")
R_SQUARED = _awaited("R²", "Part of y's movement that the line explains.")
HEDGE_STDERR = _awaited("Standard error", "How exactly the slope is known.")
SPREAD = _awaited("Spread", "What is left of y once its part of x is taken away.")
ZSCORE = _awaited("z-score", "How far the spread is from its mean, in standard deviations of the window.")
CLEAN_SHARE = _awaited("Clean share", "Part of the rows in which both legs traded.")
ADF = _awaited("ADF", "Does the spread revert? Small p: yes.")
PVALUE_TRAIL = _awaited("p-value trail", "Engle-Granger again and again.")
RATIO_TRAIL = _awaited("Hedge ratio trail", "The hedge ratio on a moving window.")
AUTOCORRELATION = _awaited("Autocorrelation", "How long the residual remembers.")
QUANTILES = _awaited("Quantiles", "Is the residual normal?")
SKEWNESS = _awaited("Skewness", "Lopsidedness of the residual.")
EXCESS_KURTOSIS = _awaited("Excess kurtosis", "Weight of the residual's tails.")
OLS = _awaited("OLS", "Least squares of y on x.")

METHODS: Final[dict[HedgeMethod, Definition]] = {
    "ols": OLS,
    "rolling_ols": ROLLING_OLS,
    "tls": TOTAL_LEAST_SQUARES,
    "huber": HUBER,
    "theil_sen": THEIL_SEN,
    "kalman": KALMAN,
    "fixed": FIXED_RATIO,
}

__all__ = [
    "ADF",
    "AUTOCORRELATION",
    "CHAN_HALF_LIFE",
    "CLEAN_SHARE",
    "CORRELATION",
    "CUSUM",
    "EMPTY_SHARE",
    "ENGLE_GRANGER",
    "EXCESS_KURTOSIS",
    "EXIT_TIME",
    "HALF_LIFE",
    "HEDGE_DRIFT",
    "HEDGE_RATIO",
    "HEDGE_STDERR",
    "HURST",
    "INNOVATION",
    "INTERCEPT",
    "JOHANSEN_EIGENVALUE",
    "JOHANSEN_TRACE",
    "KPSS",
    "METHODS",
    "OU_DEVIATION",
    "OU_MEAN",
    "OU_REVERSION",
    "OU_VOLATILITY",
    "PHILLIPS_OULIARIS",
    "PVALUE_TRAIL",
    "QUANTILES",
    "RATIO_TRAIL",
    "RELATION_CHANGE",
    "RETURN_CORRELATION",
    "R_SQUARED",
    "SKEWNESS",
    "SPEARMAN",
    "SPREAD",
    "VARIANCE_RATIO",
    "VERDICT",
    "ZSCORE",
    "ZSCORE_AS_KNOWN",
]
