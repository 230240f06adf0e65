"""What is seen of the chart as a table: every row of it, in full precision, UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.results import Unavailable
from layouts.address import written
from layouts.legs import Legs

_HEADER: Final = (
    "ts,time_ms,{y},{x},clean,hedge_ratio,intercept,spread,zscore,zscore_as_known,correlation,return_correlation"
)


def chart_csv(analysis: PairAnalysis, legs: Legs, from_ms: int, to_ms: int) -> str:
    """The rows of the analysis from one moment to another, both included; empty where a value is not known.

    What the numbers rest on stands above the header, in lines that begin with #. Floats are written so that they are
    read back to the last bit.
    """
    rows = np.flatnonzero((analysis.time_ms >= from_ms) & (analysis.time_ms <= to_ms))
    columns = (
        analysis.y,
        analysis.x,
        analysis.clean,
        analysis.hedge_ratio,
        analysis.hedge_intercept,
        analysis.spread,
        analysis.zscore,
        analysis.zscore_as_known,
        analysis.correlation,
        analysis.return_correlation,
    )
    header = _HEADER.format(y=f"price_{legs.y.symbol.lower()}", x=f"price_{legs.x.symbol.lower()}")
    table = zip(*(column[rows].tolist() for column in (analysis.time_ms, *columns)), strict=True)
    lines = [f"{_iso(time_ms)},{time_ms},{','.join(_cell(value) for value in values)}" for time_ms, *values in table]
    return "\n".join([*_told(analysis), header, *lines]) + "\n"


def csv_name(analysis: PairAnalysis, from_ms: int, to_ms: int, source: str) -> str:
    """The file's name: what it is of, and when. Simulated or recorded trades are known as such by it."""
    query, kind = analysis.query, "" if source == "live" else f"{source}-"
    stamps = [_iso(ms)[:19].replace("-", "").replace(":", "") for ms in (from_ms, to_ms)]
    pair = f"{query.y_symbol}-{query.x_symbol}".lower()
    return f"pairwatch-{kind}{pair}-{query.params.timeframe}-{stamps[0]}Z-{stamps[1]}Z.csv"


def _told(analysis: PairAnalysis) -> list[str]:
    fit = analysis.hedge
    line = f"no line: {fit.reason}" if isinstance(fit, Unavailable) else f"{fit.method}, slope {fit.slope!r}"
    return [
        f"# view {written(analysis.query)}",
        f"# fit {line}, over {len(analysis.time_ms)} rows up to {_iso(int(analysis.time_ms[-1]))}"
        if len(analysis.time_ms)
        else "# no row yet",
        "# times are the starts of bars, UTC; zscore judges earlier rows by this fit, zscore_as_known by that of then",
    ]


def _iso(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%FT%T}.{time_ms % 1000:03d}Z"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return repr(value) if np.isfinite(value) else ""
    return "true" if value else "false"
