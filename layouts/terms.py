"""Which definition stands behind which word of the screen."""

from __future__ import annotations

from typing import Final

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
from analytics.market import HedgeMethod
from analytics.ornstein_uhlenbeck import OU_DEVIATION, OU_MEAN, OU_REVERSION, OU_VOLATILITY
from analytics.phillips_ouliaris import PHILLIPS_OULIARIS
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
    "BREAK_EVEN",
    "CHAN_HALF_LIFE",
    "CLEAN_SHARE",
    "CORRELATION",
    "CUSUM",
    "EMPTY_SHARE",
    "ENGLE_GRANGER",
    "EXCESS_KURTOSIS",
    "EXIT_TIME",
    "FILLS",
    "FIXED_RATIO",
    "FUNDING",
    "HALF_LIFE",
    "HEDGE_DRIFT",
    "HEDGE_RATIO",
    "HEDGE_STDERR",
    "HUBER",
    "HURST",
    "INNOVATION",
    "INTERCEPT",
    "JOHANSEN_EIGENVALUE",
    "JOHANSEN_TRACE",
    "KALMAN",
    "KPSS",
    "METHODS",
    "NET_EDGE",
    "OLS",
    "OU_DEVIATION",
    "OU_MEAN",
    "OU_REVERSION",
    "OU_VOLATILITY",
    "PHILLIPS_OULIARIS",
    "PVALUE_TRAIL",
    "QUANTILES",
    "Q_VALUE",
    "RATIO_TRAIL",
    "RELATION_CHANGE",
    "RETURN_CORRELATION",
    "REVERSION",
    "ROLLING_OLS",
    "R_SQUARED",
    "SKEWNESS",
    "SPEARMAN",
    "SPREAD",
    "THEIL_SEN",
    "TOTAL_LEAST_SQUARES",
    "VARIANCE_RATIO",
    "VERDICT",
    "ZSCORE",
    "ZSCORE_AS_KNOWN",
]
