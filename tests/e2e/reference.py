"""The numbers of a pair computed a second time, by pandas, numpy.linalg and statsmodels, from the exchange's record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.tsa.stattools import adfuller, coint

from ingest.simulator import LocalExchange


@dataclass(frozen=True)
class Reference:
    slope: float
    intercept: float
    r_squared: float
    spread: float
    zscore: float
    correlation: float
    adf_statistic: float
    adf_pvalue: float
    coint_statistic: float
    coint_pvalue: float
    rows: int


def last_price_each_second(exchange: LocalExchange, symbol: str, last_id: int, *, trades: int) -> pd.Series:
    truth = exchange.truth(symbol, last_id - trades, last_id)
    seconds = pd.Series(np.asarray(truth.price), index=np.asarray(truth.time_ms) // 1000 * 1000)
    return seconds.groupby(level=0).last()


def compute(exchange: LocalExchange, snapshot: dict[str, Any], *, trades: int = 60_000) -> Reference:
    """From the trades up to the ids that the snapshot names, on its own number of rows."""
    y, x = (
        last_price_each_second(exchange, name.upper(), snapshot["last_ids"][name], trades=trades)
        for name in (snapshot["symbol_a"], snapshot["symbol_b"])
    )
    both = pd.DataFrame({"y": y, "x": x}).sort_index().ffill().dropna().tail(snapshot["sample_bars"])
    design = np.column_stack([np.ones(len(both)), both.x])
    (intercept, slope), residue, *_ = np.linalg.lstsq(design, both.y, rcond=None)
    spread = both.y - slope * both.x - intercept
    rolling = spread.rolling(snapshot["window"], min_periods=2)
    zscore = (spread - rolling.mean()) / rolling.std(ddof=1)
    adf = adfuller(spread.to_numpy(), regression="c", autolag="AIC", result_object=True)
    cointegration = coint(both.y, both.x, trend="c", autolag="aic")
    return Reference(
        slope=float(slope),
        intercept=float(intercept),
        r_squared=float(1 - residue[0] / ((both.y - both.y.mean()) ** 2).sum()),
        spread=float(spread.iloc[-1]),
        zscore=float(zscore.iloc[-1]),
        correlation=float(both.y.rolling(snapshot["window"], min_periods=2).corr(both.x).iloc[-1]),
        adf_statistic=float(adf.statistic),
        adf_pvalue=float(adf.pvalue),
        coint_statistic=float(cointegration[0]),
        coint_pvalue=float(cointegration[1]),
        rows=len(both),
    )
