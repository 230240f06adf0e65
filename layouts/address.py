"""The view as an address, and back: ?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1&hedge=kalman&style=candles.

The address is the one form in which the browser holds a view: the bar, the back button and the page's own store.
What it does not name of the pair is taken from the query given beside it; how the hedge is fitted and how the chart is
drawn are named only where they are not the usual way (OLS of prices, Pearson's correlation; lines on two axes).
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, Final, cast, get_args
from urllib.parse import parse_qs, urlencode

from analytics.datasets import dataset_of
from analytics.errors import BadInput, UnknownSymbol
from analytics.kept import Preferences
from analytics.market import CorrelationKind, HedgeMethod, PairParams, PairQuery, PriceScale, Timeframe
from layouts.chart_view import ChartStyle, ChartView, OptionalPane, PriceAxes

SMALLEST_WINDOW: Final = 10
LARGEST_WINDOW: Final = 5_000

LARGEST_LEVEL: Final = 20.0  # of a z-score on the chart

_SPAN: Final = re.compile(r"[1-9]\d{0,6}[smhd]")
_USUAL: Final = PairParams()
_USUAL_CHART: Final = ChartView()
_LEVELS: Final = {"entry": "entry_zscore", "exit": "exit_zscore", "stop": "stop_zscore"}
_NO: Final = frozenset({"0", "false", "no"})
_LARGEST_RATIO: Final = 1e12
_SMALLEST_RATIO: Final = 1e-12


def written(query: PairQuery, chart: ChartView = _USUAL_CHART) -> str:
    """The address of a view. `parsed` and `charted` read it back."""
    params = query.params
    return "?" + urlencode(
        {
            "pair": f"{query.y_symbol}-{query.x_symbol}",
            "tf": params.timeframe.value,
            "window": params.window_bars,
            "intercept": int(params.include_intercept),
            **_fit_fields(params),
            **_chart_fields(chart),
        },
        safe="@",
    )


def _fit_fields(params: PairParams) -> dict[str, Any]:
    """How the hedge is fitted, as far as it is not the usual way."""
    chosen = {"hedge": params.hedge, "scale": params.price_scale, "corr": params.correlation}
    usual = {"hedge": _USUAL.hedge, "scale": _USUAL.price_scale, "corr": _USUAL.correlation}
    fields: dict[str, Any] = {name: value for name, value in chosen.items() if value != usual[name]}
    if params.fixed_ratio is not None:
        fields["ratio"] = repr(params.fixed_ratio)
    if params.exit_zscore != _USUAL.exit_zscore:
        fields["exit"] = f"{params.exit_zscore:g}"
    return fields


def _chart_fields(chart: ChartView) -> dict[str, str]:
    """How the chart is drawn, as far as it is not the usual way."""
    chosen = {"style": chart.style, "prices": chart.prices, "panes": ",".join(sorted(chart.panes))}
    levels = {"entry": f"{chart.entry_zscore:g}", "stop": f"{chart.stop_zscore:g}"}
    further = {**levels, "marks": str(int(chart.marks))}
    usual_levels = {"entry": f"{_USUAL_CHART.entry_zscore:g}", "stop": f"{_USUAL_CHART.stop_zscore:g}"}
    usual = {"style": _USUAL_CHART.style, "prices": _USUAL_CHART.prices, "panes": "", **usual_levels, "marks": "1"}
    return {name: value for name, value in {**chosen, **further}.items() if value != usual[name]}


def charted(search: str | None) -> ChartView:
    """How the address wants the chart drawn. Raises BadInput with a sentence when it cannot be read."""
    fields = _fields(search)
    panes = [one for one in fields.get("panes", "").split(",") if one]
    entry, exit_, stop = (
        zscore_level(name, fields.get(name, usual))
        for name, usual in (("entry", _USUAL_CHART.entry_zscore), ("exit", 0.0), ("stop", _USUAL_CHART.stop_zscore))
    )
    if not exit_ < entry < stop:
        raise BadInput(f"The levels must rise from exit over entry to stop; {exit_:g}, {entry:g}, {stop:g} do not.")
    return ChartView(
        style=cast("ChartStyle", _one_of("style", fields.get("style", _USUAL_CHART.style), get_args(ChartStyle))),
        prices=cast("PriceAxes", _one_of("prices", fields.get("prices", _USUAL_CHART.prices), get_args(PriceAxes))),
        panes=frozenset(cast("OptionalPane", _one_of("panes", one, get_args(OptionalPane))) for one in panes),
        entry_zscore=entry,
        stop_zscore=stop,
        marks=fields.get("marks", "1").lower() not in _NO,
    )


def levelled(search: str | None, wanted: Preferences, instead: Preferences | None = None) -> str:
    """The address with each level that it leaves out, where the preferences have another one than the usual.

    Gives it the level of the preferences, or with `instead` that one's: an address that says so keeps the usual level
    for a user who prefers another.
    """
    named = _fields(search)
    usual, given = asdict(Preferences()), asdict(instead or wanted)
    fields = {
        name: f"{given[field]:g}"
        for name, field in _LEVELS.items()
        if name not in named and asdict(wanted)[field] != usual[field]
    }
    address = search or ""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(fields)}" if fields else address


def check_range(search: str | None) -> None:
    """Whether an address names a visible range that can be read: span=15m, or from and to. Raises BadInput."""
    fields = _fields(search)
    if "span" in fields and not _SPAN.fullmatch(fields["span"]):
        raise BadInput(f"“{fields['span'][:20]}” is not a span; write it like 15m or 4h.")
    if "from" in fields or "to" in fields:
        start, end = (_moment(fields.get(name)) for name in ("from", "to"))
        if start is None or end is None or not start < end:
            raise BadInput("A range needs from before to, each like 2026-11-23T10:00:00Z.")


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def zscore_level(name: str, text: str | float | None) -> float:
    """A level on the z-score: 0 to 20. Raises BadInput with a sentence."""
    typed = str(text if text is not None else "").strip()
    try:
        level = float(typed) if typed.isascii() and "_" not in typed else math.nan
    except ValueError:
        level = math.nan
    if math.isfinite(level) and 0 <= level <= LARGEST_LEVEL:
        return level
    raise BadInput(
        f"The {name} level must be a number from 0 to {LARGEST_LEVEL:g}; "
        f"{f'“{typed[:20]}” is not' if typed else 'the box is empty'}."
    )


def _fields(search: str | None) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs((search or "").removeprefix("?")).items()}


def parsed(search: str | None, base: PairQuery) -> PairQuery:
    """The question about a pair that an address names. Raises BadInput with a sentence when it cannot be read."""
    fields = _fields(search)
    query = base
    if "pair" in fields:
        y, dash, x = fields["pair"].upper().partition("-")
        if not (y and dash and x):
            raise BadInput(f"“{fields['pair']}” is not a pair; write it like BTCUSDT-ETHUSDT")
        query = replace(query, y_symbol=y, x_symbol=x)
    params = query.params
    if "tf" in fields:
        params = replace(params, timeframe=Timeframe.parse(fields["tf"]))
    if "window" in fields:
        params = replace(params, window_bars=window_bars(fields["window"]))
    if "intercept" in fields:
        params = replace(params, include_intercept=fields["intercept"].lower() not in _NO)
    return replace(query, params=_fitted(params, fields))


def _fitted(params: PairParams, fields: Mapping[str, str]) -> PairParams:
    """The settings with the fit that the address names. Raises BadInput.

    What the address leaves out is the usual way here, and not the base's: an address says the whole fit or nothing.
    """
    hedge = hedge_method(fields.get("hedge", _USUAL.hedge))
    if hedge != "fixed" and "ratio" in fields:
        raise BadInput("A ratio belongs to hedge=fixed; the address names another way to hedge.")
    return replace(
        params,
        hedge=hedge,
        price_scale=price_scale(fields.get("scale", _USUAL.price_scale)),
        correlation=correlation_kind(fields.get("corr", _USUAL.correlation)),
        fixed_ratio=fixed_ratio(fields.get("ratio")) if hedge == "fixed" else None,
        exit_zscore=zscore_level("exit", fields.get("exit", _USUAL.exit_zscore)),
    )


def hedge_method(text: str) -> HedgeMethod:
    """The way to hedge that was named, any case, dashes as good as underscores. Raises BadInput with a sentence."""
    return cast("HedgeMethod", _one_of("hedge", text.replace("-", "_"), get_args(HedgeMethod)))


def price_scale(text: str) -> PriceScale:
    """The scale that was named, level or log; price is another word for level. Raises BadInput with a sentence."""
    return cast("PriceScale", _one_of("scale", "level" if text.lower() == "price" else text, get_args(PriceScale)))


def correlation_kind(text: str) -> CorrelationKind:
    """The correlation that was named, pearson or spearman. Raises BadInput with a sentence."""
    return cast("CorrelationKind", _one_of("corr", text, get_args(CorrelationKind)))


def _one_of(field: str, text: str, known: tuple[str, ...]) -> str:
    if text.lower() not in known:
        raise BadInput(f"“{text[:20]}” is not a {field}; choose one of {', '.join(known)}.")
    return text.lower()


def fixed_ratio(text: str | float | None) -> float:
    """The hedge ratio that was typed: a number but 0, of either sign. Raises BadInput with a sentence."""
    typed = str(text if text is not None else "").strip().replace("−", "-")
    try:
        ratio = float(typed) if typed.isascii() and "_" not in typed else math.nan
    except ValueError:
        ratio = math.nan
    if math.isfinite(ratio) and _SMALLEST_RATIO <= abs(ratio) <= _LARGEST_RATIO:
        return ratio
    raise BadInput(
        "The fixed hedge ratio must be a number other than 0, such as 15.2: units of x for one of y; "
        f"{f'“{typed[:20]}” is not' if typed else 'the box is empty'}."
    )


def window_bars(text: str | int | None) -> int:
    """The rolling window that was typed. Raises BadInput with a sentence."""
    typed = str(text if text is not None else "").strip()
    if typed.isascii() and typed.isdigit() and len(typed) < 9 and SMALLEST_WINDOW <= int(typed) <= LARGEST_WINDOW:
        return int(typed)
    raise BadInput(
        f"The window must be a whole number of bars from {SMALLEST_WINDOW} to {LARGEST_WINDOW:,}; "
        f"{f'“{typed[:20]}” is not' if typed else 'the box is empty'}."
    )


def checked(query: PairQuery, listed: Container[str]) -> PairQuery:
    """The same query, once both legs are known and differ; a dataset is looked up elsewhere. Raises BadInput."""
    for symbol in (query.y_symbol, query.x_symbol):
        if dataset_of(symbol) is None and symbol not in listed:
            raise UnknownSymbol(symbol)
    if query.y_symbol == query.x_symbol:
        raise BadInput(f"A pair needs two different symbols; both legs are {query.y_symbol}.")
    return query


def swapped(query: PairQuery) -> PairQuery:
    """The other way round: x explained by y."""
    return replace(query, y_symbol=query.x_symbol, x_symbol=query.y_symbol)


def with_leg(query: PairQuery, *, y: str | None = None, x: str | None = None) -> PairQuery:
    """The query with one leg picked anew. Picking the leg that the other side holds swaps the two."""
    if (y is not None and y == query.x_symbol) or (x is not None and x == query.y_symbol):
        return swapped(query)
    return replace(query, y_symbol=y or query.y_symbol, x_symbol=x or query.x_symbol)
