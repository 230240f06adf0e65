"""A row of a watchlist for the browser: every number as it is written, and as it is sorted by.

The browser keeps the rows and writes them into the page itself (assets/watchlist.js, assets/watchgrid.js): only rows
that have changed are sent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from analytics.glance import PairGlance
from analytics.kept import WatchedPair
from analytics.market import PairParams, PairQuery
from analytics.results import Unavailable
from analytics.status import FLOWING, OLD_MS
from layouts import numbers
from layouts.address import written
from layouts.fit import fit_label
from layouts.freshness import looks

_USUAL: Final = PairParams()
# Verdicts by word, tone and shape: never by colour alone.
_VERDICTS: Final = {
    "cointegrated": ("good", "check"),
    "not shown": ("plain", "dash"),
    "cannot say": ("plain", "query"),
}


def pair_name(query: PairQuery, bases: Mapping[str, str]) -> str:
    """BTC/ETH. bases: the short name of each symbol, as the exchange lists it."""
    return f"{bases.get(query.y_symbol, query.y_symbol)}/{bases.get(query.x_symbol, query.x_symbol)}"


def settings(query: PairQuery) -> str:
    """How the pair is looked at, in short: 1s · 300 · Kalman · log."""
    fit = [] if query.params == _usual_fit(query.params) else [fit_label(query.params)]
    return " · ".join([query.params.timeframe.value, str(query.params.window_bars), *fit])


def _usual_fit(params: PairParams) -> PairParams:
    return PairParams(timeframe=params.timeframe, window_bars=params.window_bars, exit_zscore=params.exit_zscore)


def glance_row(glance: PairGlance, watched: WatchedPair, bases: Mapping[str, str], now_ms: int) -> dict[str, Any]:
    """One row.

    key: the address of the pair's own view, the row's name everywhere.  Numbers stand by their name for sorting, None
    where unknown, and with `_t` as text.  since: wall time from which on z has been beyond its entry level.
    heard: wall time of the older leg's newest data, told only while the row is stale.  why: the reason for no z.
    """
    tone, shape = _VERDICTS[glance.outcome]
    state_tone, state_shape = looks(glance.state)
    stale = glance.state not in FLOWING or glance.age_ms is None or glance.age_ms > OLD_MS
    heard = None if glance.age_ms is None or not stale else (now_ms - glance.age_ms) // 1000 * 1000
    return {
        "key": written(glance.query),
        "pair": pair_name(glance.query, bases),
        "symbols": f"{glance.query.y_symbol}-{glance.query.x_symbol}",
        "settings": settings(glance.query),
        "pinned": watched.pinned,
        "spark": [None if math.isnan(z) else round(z * 100) for z in glance.sparkline.tolist()],
        "verdict": glance.outcome,
        "headline": numbers.typeset(glance.headline),
        "tone": tone,
        "shape": shape,
        "state": None if glance.reason else glance.state,
        "state_tone": state_tone,
        "state_shape": state_shape,
        "stale": stale,
        "heard": heard,
        "why": glance.zscore.reason if isinstance(glance.zscore, Unavailable) else None,
        "since": None if glance.beyond is None else glance.beyond.since_ms,
        "at_least": glance.beyond is not None and glance.beyond.at_least,
        **_numbers(glance),
    }


def _numbers(glance: PairGlance) -> dict[str, Any]:
    figures: dict[str, tuple[float | None, str]] = {
        "z": _told(glance.zscore, numbers.zscore),
        "half_life": _half_life(glance),
        "p": _told(glance.pvalue, numbers.pvalue),
        "q": _told(glance.qvalue, numbers.pvalue),
        "correlation": _told(glance.correlation, numbers.correlation),
        "beta": _told(glance.hedge_ratio, numbers.significant),
        "clean": _told(glance.clean_share, lambda share: f"{math.floor(share * 100)} %"),
    }
    return {name: value for name, (value, _) in figures.items()} | {f"{n}_t": text for n, (_, text) in figures.items()}


def _told(value: float | Unavailable | None, write: Any) -> tuple[float | None, str]:
    if value is None or isinstance(value, Unavailable):
        return None, numbers.DASH
    return value, write(value)


def _half_life(glance: PairGlance) -> tuple[float | None, str]:
    """In time where bars have a length, else in bars; sorted by milliseconds or by bars."""
    if glance.half_life_ms is not None:
        return glance.half_life_ms, numbers.duration(round(glance.half_life_ms))
    return _told(glance.half_life_bars, lambda bars: f"{numbers.significant(bars, 2)} bars")
