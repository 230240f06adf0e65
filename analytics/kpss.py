"""The test of Kwiatkowski, Phillips, Schmidt and Shin: does the series hold to its level?

It asks the other way round than Dickey-Fuller: stationary is what it takes for granted, and a small p speaks against
it. On the residual of a fit the critical values are others (Shin): a fit leaves its residual smaller swings than a
series that was observed.
"""

from __future__ import annotations

import numpy as np

from analytics.bartlett import bartlett_variance, newey_west_bandwidth
from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.evidence import Stationarity
from analytics.market import FloatArray
from analytics.samples import centred, is_flat, require_sample

MINIMUM_BARS = 30

# Level and value. Kwiatkowski et al. (1992), table 1, and Shin (1994), table 1, one regressor; both with a constant.
_OBSERVED = {"10%": 0.347, "5%": 0.463, "2.5%": 0.574, "1%": 0.739}
_FITTED = {"10%": 0.231, "5%": 0.314, "1%": 0.533}

KPSS = Definition(
    name="KPSS",
    line="Takes reversion for granted and looks for evidence against it; a small p: the spread has no fixed level.",
    formula="sum S[t]^2 / (n^2 s^2), S the running sum of the series minus its mean, s^2 its long-run variance with "
    "Bartlett's weights.",
    conventions='Constant level. Lags by the rule of Hobijn et al. (statsmodels `nlags="auto"`). p read off the '
    "published table, which ends at 10 % and 1 %: beyond, only a bound is given. On the residual of a fit Shin's "
    "critical values hold (5 %: 0.314), on a series that was observed those of Kwiatkowski et al. (0.463).",
    source='Kwiatkowski, Phillips, Schmidt and Shin (1992), "Testing the null hypothesis of stationarity against the '
    'alternative of a unit root"; Shin (1994), "A residual-based test of the null of cointegration"; Hobijn, Franses '
    'and Ooms (2004), "Generalizations of the KPSS-test for stationarity".',
    checked_against="statsmodels `kpss` (statistic, lags, p) to 1e-10; R `tseries::kpss.test` where its lags are the "
    "same, to 1e-8. Shin's values by simulation: 5 % of fitted noise is rejected, within 2 percentage points.",
    limits="A slow spread is taken for none: with a half-life of 10 bars 39 % of true spreads are rejected at 300 "
    "bars, 26 % at 1 000, 15 % at 3 600; with 30 bars 65, 57 and 38 %. Shin's values suppose that shocks of the "
    "spread have nothing to do with changes of x; with a correlation of 0.5, 8 % are rejected instead of 5 %.",
)


def kpss(series: FloatArray, *, fitted: bool = False) -> Stationarity:
    """KPSS around a constant level. Null hypothesis: the series is stationary.

    series: (n,) finite, n >= 30, any units.  fitted: the series is the residual of a least-squares fit of one leg on
    the other with an intercept; then Shin's critical values hold, otherwise those of Kwiatkowski et al.
    lags: 1.1447 (n s^2)^(1/3) cut to a whole number, s from the autocovariances at the first n^(2/9) lags (Hobijn et
    al., 2004; statsmodels `nlags="auto"`). pvalue: read off a line through the table, which ends at 10 % and at 1 %.
    Raises NotEnoughData; DegenerateData when the series does not move, or swings back so much from bar to bar that the
    rule asks for more lags than half of the sample: there the statistic tends to 1/2 for any series.
    """
    require_sample(series, needed=MINIMUM_BARS)
    if is_flat(series):
        raise DegenerateData("the series does not move, so there is nothing to test")
    n = len(series)
    offsets = centred(series)
    lags = int(newey_west_bandwidth(offsets, pilot_lags=int(n ** (2 / 9))))
    if 2 * lags > n:
        raise DegenerateData("the series swings back so much from bar to bar that its long-run variance cannot be told")
    sums = np.cumsum(offsets)
    statistic = float(sums @ sums) / n**2 / bartlett_variance(offsets, lags).total
    table = _FITTED if fitted else _OBSERVED
    pvalue, bound = _read_off(table, statistic)
    return Stationarity(statistic, pvalue, bound, lags, n, dict(table))


def _read_off(table: dict[str, float], statistic: float) -> tuple[float, str]:
    """p-value by linear interpolation, with "<" or ">" where the table ends."""
    values = list(table.values())
    levels = [float(level.rstrip("%")) / 100 for level in table]
    bound = ">" if statistic <= values[0] else "<" if statistic >= values[-1] else ""
    return float(np.interp(statistic, values, levels)), bound
