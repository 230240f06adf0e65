"""The pair's chart for tests: a subject, and what a drawing of it holds."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.market import FloatArray, PairParams, PairQuery
from analytics.pair import analyse_pair
from layouts.figures.chart import pair_figure
from layouts.figures.subject import Subject
from layouts.legs import legs
from tests.screen_fake import LISTINGS, QUERY, series

LEGS = legs(QUERY, LISTINGS)


def analysis(held: int = 1_500, window: int = 300, hole: slice | None = None) -> PairAnalysis:
    query = PairQuery("BTCUSDT", "ETHUSDT", PairParams(window_bars=window))
    return analyse_pair(query, series(held, hole=hole))


def subject(seen: PairAnalysis | None = None, **more: Any) -> Subject:
    return Subject(seen or analysis(), LEGS, **more)


def decoded(column: dict[str, str]) -> FloatArray:
    return np.frombuffer(b64decode(column["bdata"]), f"<{column['dtype']}").astype(np.float64)


def named(shown: Subject, pane: str, label: str | None) -> dict[str, Any]:
    """The trace of a pane that is read as `label`."""
    (found,) = (
        trace
        for trace in pair_figure(shown)["data"]
        if (trace["meta"]["pane"], trace["meta"]["label"]) == (pane, label)
    )
    whole: dict[str, Any] = found
    return whole


def values(shown: Subject, pane: str, label: str, column: str = "y") -> FloatArray:
    return decoded(named(shown, pane, label)[column])


def noted(shown: Subject, prefix: str) -> dict[str, dict[str, Any]]:
    told = pair_figure(shown)["layout"]["annotations"]
    return {one["name"]: one for one in told if one["name"].startswith(prefix)}


def shapes(shown: Subject, prefix: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in pair_figure(shown)["layout"]["shapes"] if one["name"].startswith(prefix)}
