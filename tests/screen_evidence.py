"""Evidence written by hand, so that what the screen says of it can be told word for word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.evidence import (
    Evidence,
    ExitTime,
    Hurst,
    Johansen,
    OrnsteinUhlenbeck,
    PhillipsOuliaris,
    PvalueTrail,
    RatioTrail,
    ResidualShape,
    Stability,
    Stationarity,
    VarianceRatio,
)
from analytics.results import Cointegration, HedgeFit

_CRITICAL = {"1%": -3.9, "5%": -3.34, "10%": -3.05}
_TRACE = ({"10%": 15.66, "5%": 17.95, "1%": 23.52}, {"10%": 6.5, "5%": 8.18, "1%": 11.65})
_LARGEST = ({"10%": 12.91, "5%": 14.9, "1%": 19.19}, {"10%": 6.5, "5%": 8.18, "1%": 11.65})


def studied(analysis: PairAnalysis, *, changed: bool = False) -> PairAnalysis:
    """The analysis with evidence of its own length. changed: whether the relation broke two thirds of the way."""
    n = len(analysis.time_ms)
    return replace(
        analysis,
        engle_granger=Cointegration(-5.21, 0.0004, 1, n, _CRITICAL),
        engle_granger_reverse=Cointegration(-3.12, 0.087, 1, n, _CRITICAL),
        evidence=_evidence(analysis),
        stability=_stability(analysis, changed=changed),
    )


def _evidence(analysis: PairAnalysis) -> Evidence:
    n = len(analysis.time_ms)
    assert isinstance(analysis.hedge, HedgeFit)
    back = replace(analysis.hedge, slope=0.0532, intercept=12.5, stderr=0.00012, intercept_stderr=1.1)
    return Evidence(
        reverse_hedge=back,
        johansen=Johansen(
            trace=(31.4, 2.2),
            trace_critical=_TRACE,
            largest=(29.2, 2.2),
            largest_critical=_LARGEST,
            eigenvalues=(0.0193, 0.0015),
            vectors=((1.0, -18.71), (1.0, 4.2)),
            rank=1,
            lags=1,
            observations=n - 2,
        ),
        phillips_ouliaris=PhillipsOuliaris(-5.33, 0.0003, 7.0, n, _CRITICAL),
        kpss=Stationarity(0.912, 0.01, "<", 11, n, {"10%": 0.231, "5%": 0.314, "2.5%": 0.397, "1%": 0.533}),
        variance_ratio=VarianceRatio((2, 10), (1.013, 0.871), (0.3, -2.4), (0.764, 0.016), n),
        hurst=Hurst(0.41, 0.36, 0.46, 2, 20, n),
        ornstein_uhlenbeck=OrnsteinUhlenbeck(0.21, 0.94, 0.0151, 0.0042, 1.44, 0.027, 8.3, 1.2),
        exit_time=ExitTime(0.0, 34.2, 36.9),
        pvalue_trail=_pvalues(analysis),
        ratio_trail=_ratios(analysis),
        residual=_shape(),
    )


def _pvalues(analysis: PairAnalysis) -> PvalueTrail:
    ends = np.arange(299, len(analysis.time_ms), 10)
    pvalue = 0.06 * np.exp(np.sin(ends / 90.0) * 2.5)
    return PvalueTrail(analysis.time_ms[ends], np.minimum(pvalue, 1.0), 300, 10, 0.43)


def _ratios(analysis: PairAnalysis) -> RatioTrail:
    n = len(analysis.time_ms)
    slope = 18.62 + 0.3 * np.sin(np.arange(n) / 120.0)
    slope[:299] = np.nan
    return RatioTrail(slope, slope - 0.12, slope + 0.12, 300)


def _shape() -> ResidualShape:
    normal = np.linspace(-3.2, 3.2, 500)
    return ResidualShape(np.exp(-0.015 * np.arange(41.0)), 0.0506, normal, normal + 0.05 * normal**3, 0.11, 2.31)


def _stability(analysis: PairAnalysis, *, changed: bool) -> Stability:
    n = len(analysis.time_ms)
    share = np.linspace(0, 1, n)
    return Stability(
        cusum=2.1 * np.sin(3 * share) if changed else 0.7 * np.sin(9 * share),
        bound=np.full(n, 1.36),
        statistic=2.1 if changed else 0.7,
        critical_value=1.36,
        changed_at_ms=int(analysis.time_ms[2 * n // 3]) if changed and n else None,
        slope_before=18.61,
        slope_after=22.14,
    )
