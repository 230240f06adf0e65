"""An analysis into the contract's shape. No number is computed here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analytics.analysis import PairAnalysis
from analytics.costs import PairCosts
from analytics.evidence import PvalueTrail
from analytics.market import PairParams
from analytics.results import Cointegration, HedgeFit, Unavailable, UnitRootTest
from api.cost_translate import cost_reasons, costs_answer
from api.numbers import finite, iso_utc, number
from api.pair_schemas import (
    HedgeRatio,
    PvalueTrailOut,
    Reason,
    Snapshot,
    UnitRoot,
    VerdictOut,
)

# Field of the answer -> field of PairAnalysis, for everything that may be unavailable.
_LIVE = {
    "hedge_ratio": "hedge",
    "latest_spread": "latest_spread",
    "latest_zscore": "latest_zscore",
    "rolling_correlation": "latest_correlation",
    "return_correlation": "latest_return_correlation",
    "adf": "adf",
    "engle_granger": "engle_granger",
    "engle_granger_reverse": "engle_granger_reverse",
    "half_life_bars": "half_life_bars",
    "half_life": "half_life",
    "stability": "stability",
}
# Field of the answer -> field of Evidence.
_EVIDENCE = {
    "hedge_ratio_reverse": "reverse_hedge",
    "johansen": "johansen",
    "phillips_ouliaris": "phillips_ouliaris",
    "kpss": "kpss",
    "variance_ratio": "variance_ratio",
    "hurst": "hurst",
    "ornstein_uhlenbeck": "ornstein_uhlenbeck",
    "exit_time": "exit_time",
    "pvalue_trail": "pvalue_trail",
}

_SHARES = ("clean_share", "empty_shares")
_NO_SHARES = Reason(reason="there are no bars to count: none yet, or each row is a trade of one leg")
_NOT_GIVEN = Reason(reason="a ratio is given only with hedge = fixed")


def snapshot_answer(analysis: PairAnalysis, costs: PairCosts, now_ms: int) -> Snapshot:
    """What `POST /api/analytics/snapshot` says of an analysis with its evidence, and of what a trade on it costs."""
    params, n = analysis.query.params, len(analysis.time_ms)
    a, b = analysis.query.y_symbol.lower(), analysis.query.x_symbol.lower()
    found = {name: getattr(analysis, field) for name, field in _LIVE.items()}
    found |= {name: getattr(analysis.evidence, field) for name, field in _EVIDENCE.items()}
    known_shares = analysis.y_empty_share is not None and analysis.x_empty_share is not None
    return Snapshot(
        symbol_a=a,
        symbol_b=b,
        timeframe=params.timeframe.value,
        window=params.window_bars,
        lookback=params.sample_bars,
        hedge=params.hedge,
        include_intercept=params.include_intercept,
        price_scale=params.price_scale,
        correlation=params.correlation,
        fixed_ratio=params.fixed_ratio,
        exit_zscore=params.exit_zscore,
        timestamp=iso_utc(now_ms),
        **{name: _shaped(value) for name, value in found.items()},
        verdict=VerdictOut(
            outcome=analysis.verdict.outcome,
            headline=analysis.verdict.headline,
            reasons=list(analysis.verdict.reasons),
        ),
        costs=costs_answer(costs, a, b),
        unavailable=dict(_reasons(found)) | cost_reasons(costs) | _unasked(params, known_shares=known_shares),
        sample_bars=n,
        bars_needed=analysis.bars_needed,
        bars_held=analysis.bars_held,
        clean_share=analysis.clean_share,
        empty_shares={a: analysis.y_empty_share, b: analysis.x_empty_share} if known_shares else None,
        first_time_ms=int(analysis.time_ms[0]) if n else None,
        last_time_ms=int(analysis.time_ms[-1]) if n else None,
        last_ids={a: analysis.y_last_id, b: analysis.x_last_id},
    )


def _unasked(params: PairParams, *, known_shares: bool) -> dict[str, Reason]:
    """Why that is null which is no estimate."""
    shares = {} if known_shares else dict.fromkeys(_SHARES, _NO_SHARES)
    return shares if params.fixed_ratio is not None else shares | {"fixed_ratio": _NOT_GIVEN}


def _shaped(value: Any) -> Any:
    """A result in the contract's shape: those with names of their own, and otherwise field by field."""
    if isinstance(value, Unavailable):
        return None
    if isinstance(value, HedgeFit):
        return _hedge(value)
    if isinstance(value, UnitRootTest | Cointegration):
        return _test(value)
    return _trail(value) if isinstance(value, PvalueTrail) else value


def _hedge(fit: HedgeFit) -> HedgeRatio:
    return HedgeRatio(
        method=fit.method,
        beta=fit.slope,
        intercept=fit.intercept,
        rvalue=fit.rvalue,
        r_squared=fit.r_squared,
        r_squared_kind=fit.r_squared_kind,
        pvalue=number(fit.pvalue),
        stderr=number(fit.stderr),
        interval=None if isinstance(fit.interval, Unavailable) else fit.interval,
        intercept_stderr=number(fit.intercept_stderr),
        tvalue=number(fit.tvalue),
        observations=fit.observations,
    )


def _test(test: UnitRootTest | Cointegration) -> UnitRoot:
    return UnitRoot(
        statistic=test.statistic,
        pvalue=test.pvalue,
        lags=test.lags,
        nobs=test.observations,
        critical_values=dict(test.critical_values),
    )


def _trail(trail: PvalueTrail) -> PvalueTrailOut:
    return PvalueTrailOut(
        time_ms=trail.time_ms.tolist(),
        pvalue=[finite(value) for value in trail.pvalue.tolist()],
        window_bars=trail.window_bars,
        step_bars=trail.step_bars,
        passed_share=trail.passed_share,
    )


def _reasons(found: dict[str, Any]) -> Iterator[tuple[str, Reason]]:
    """Why what is null is null, with the fields inside a fit as `hedge_ratio.stderr`."""
    for name, value in found.items():
        if isinstance(value, Unavailable):
            yield name, _reason(value)
        elif isinstance(value, HedgeFit):
            for part in ("stderr", "interval", "intercept_stderr", "tvalue", "pvalue"):
                why = getattr(value, part)
                if isinstance(why, Unavailable):
                    yield f"{name}.{part}", _reason(why)


def _reason(why: Unavailable) -> Reason:
    return Reason(reason=why.reason, needed=why.needed, got=why.got)
