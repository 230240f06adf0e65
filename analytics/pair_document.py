"""A pair with its settings as a JSON object, in the fields of the REST API, and back."""

from __future__ import annotations

from typing import Any, Final, get_args

from analytics.document_fields import choice_in, flag_in, number_in, object_in, text_in, whole_in
from analytics.errors import BadInput
from analytics.kept import WatchedPair
from analytics.kept_checks import checked_query
from analytics.market import CorrelationKind, HedgeMethod, PairParams, PairQuery, PriceScale, Timeframe

# As in the REST API: bounds of a question.
_WINDOW: Final = (2, 20_000)
_LOOKBACK: Final = (3, 100_000)
_EXIT: Final = (0.0, 100.0)


def pair_fields(pair: WatchedPair) -> dict[str, Any]:
    """A row of a watchlist as JSON knows it; `pair_of` reads it back."""
    query, params = pair.query, pair.query.params
    return {
        "symbol_a": query.y_symbol.lower(),
        "symbol_b": query.x_symbol.lower(),
        "timeframe": params.timeframe.value,
        "window": params.window_bars,
        "lookback": params.lookback_bars,
        "hedge": params.hedge,
        "fixed_ratio": params.fixed_ratio,
        "include_intercept": params.include_intercept,
        "price_scale": params.price_scale,
        "correlation": params.correlation,
        "exit_zscore": params.exit_zscore,
        "pinned": pair.pinned,
    }


def pair_of(fields: object) -> WatchedPair:
    """The row in such fields; what they leave out is the usual. Raises BadInput that names the field."""
    given = object_in(fields)
    usual = PairParams()
    params = PairParams(
        timeframe=Timeframe.parse(text_in(given, "timeframe", usual.timeframe.value)),
        window_bars=whole_in(given, "window", _WINDOW, usual.window_bars) or usual.window_bars,
        lookback_bars=whole_in(given, "lookback", _LOOKBACK, None),
        hedge=choice_in(given, "hedge", get_args(HedgeMethod), usual.hedge),
        include_intercept=flag_in(given, "include_intercept", usual=usual.include_intercept),
        price_scale=choice_in(given, "price_scale", get_args(PriceScale), usual.price_scale),
        fixed_ratio=number_in(given, "fixed_ratio", (-1e12, 1e12)),
        correlation=choice_in(given, "correlation", get_args(CorrelationKind), usual.correlation),
        exit_zscore=number_in(given, "exit_zscore", _EXIT) or 0.0,
    )
    if (params.hedge == "fixed") != (params.fixed_ratio is not None) or params.fixed_ratio == 0:
        raise BadInput("fixed_ratio: a number other than 0 belongs to hedge “fixed”, and only to it")
    query = PairQuery(text_in(given, "symbol_a").upper(), text_in(given, "symbol_b").upper(), params)
    return WatchedPair(checked_query(query), flag_in(given, "pinned", usual=False))
