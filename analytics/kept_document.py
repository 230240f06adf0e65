"""What is kept as one JSON document, and back: the file of an export, and how a row of the database holds a pair.

The fields of a pair are those of the REST API. A document says which format it is in; one that is newer is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, get_args

from analytics.errors import BadInput
from analytics.kept import Collection, Preferences, WatchedPair, Watchlist, Workspace
from analytics.kept_checks import changed_preferences, checked_query, checked_watchlist, checked_workspace
from analytics.market import CorrelationKind, HedgeMethod, PairParams, PairQuery, PriceScale, Timeframe

FORMAT: Final = 1
_KIND: Final = "pairwatch kept"
# As in the REST API: bounds of a question.
_WINDOW: Final = (2, 20_000)
_LOOKBACK: Final = (3, 100_000)
_EXIT: Final = (0.0, 100.0)

_Read = TypeVar("_Read")
_Object = Mapping[str, Any]


def text_of(collection: Collection, saved_ms: int) -> str:
    """The document as JSON text. saved_ms: wall time, UTC."""
    head = {"kind": _KIND, "format": FORMAT, "saved_at": _iso(saved_ms)}
    return json.dumps(head | fields_of(collection), indent=2, ensure_ascii=False) + "\n"


def collection_in(text: str | bytes) -> Collection:
    """What a document holds. Raises BadInput with the place and the cure."""
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the file is not JSON ({error}); choose one that was exported here") from error
    if not isinstance(document, dict) or document.get("kind") != _KIND:
        raise BadInput("the file is no export of Pairwatch: it does not say “pairwatch kept”; choose one that is")
    version = document.get("format")
    if version != FORMAT:
        raise BadInput(f"the file is in format {version}, and this Pairwatch knows {FORMAT}; update Pairwatch")
    return collection_of(document)


def fields_of(collection: Collection) -> dict[str, Any]:
    """The collection as JSON knows it; `collection_of` reads it back."""
    fields: dict[str, Any] = {}
    if collection.preferences is not None:
        fields["preferences"] = asdict(collection.preferences)
    fields["watchlists"] = [
        {"name": one.name, "pairs": [pair_fields(pair) for pair in one.pairs]} for one in collection.watchlists
    ]
    fields["workspaces"] = [asdict(one) for one in collection.workspaces]
    return fields


def collection_of(fields: _Object) -> Collection:
    """The collection in such fields; a part that is not there is empty. Raises BadInput with the place."""
    preferences = fields.get("preferences")
    lists = _each(fields, "watchlists", _watchlist)
    views = _each(fields, "workspaces", _workspace)
    _refuse_twins("watchlists", [one.name for one in lists])
    _refuse_twins("workspaces", [one.name for one in views])
    if preferences is None:
        return Collection(None, lists, views)
    return Collection(_placed("preferences", _preferences, preferences), lists, views)


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
    given = _object(fields)
    usual = PairParams()
    params = PairParams(
        timeframe=Timeframe.parse(_text(given, "timeframe", usual.timeframe.value)),
        window_bars=_whole(given, "window", _WINDOW, usual.window_bars) or usual.window_bars,
        lookback_bars=_whole(given, "lookback", _LOOKBACK, None),
        hedge=_one_of(given, "hedge", get_args(HedgeMethod), usual.hedge),
        include_intercept=_flag(given, "include_intercept", usual=usual.include_intercept),
        price_scale=_one_of(given, "price_scale", get_args(PriceScale), usual.price_scale),
        fixed_ratio=_number(given, "fixed_ratio", (-1e12, 1e12)),
        correlation=_one_of(given, "correlation", get_args(CorrelationKind), usual.correlation),
        exit_zscore=_number(given, "exit_zscore", _EXIT) or 0.0,
    )
    if (params.hedge == "fixed") != (params.fixed_ratio is not None) or params.fixed_ratio == 0:
        raise BadInput("fixed_ratio: a number other than 0 belongs to hedge “fixed”, and only to it")
    query = PairQuery(_text(given, "symbol_a").upper(), _text(given, "symbol_b").upper(), params)
    return WatchedPair(checked_query(query), _flag(given, "pinned", usual=False))


def _watchlist(fields: object) -> Watchlist:
    given = _object(fields)
    return checked_watchlist(Watchlist(_text(given, "name"), _each(given, "pairs", pair_of)))


def _workspace(fields: object) -> Workspace:
    given = _object(fields)
    saved_ms = _whole(given, "saved_ms", (0, 10**14), 0) or 0
    return checked_workspace(
        Workspace(_text(given, "name"), _text(given, "address"), _text(given, "watchlist"), saved_ms)
    )


def _preferences(fields: object) -> Preferences:
    return changed_preferences(Preferences(), _object(fields))


def _each(fields: _Object, name: str, read: Callable[[object], _Read]) -> tuple[_Read, ...]:
    rows = fields.get(name, [])
    if not isinstance(rows, list):
        raise BadInput(f"{name}: this must be a list")
    return tuple(_placed(f"{name}[{at}]", read, row) for at, row in enumerate(rows))


def _placed(place: str, read: Callable[[object], _Read], fields: object) -> _Read:
    try:
        return read(fields)
    except BadInput as error:
        # The places of the parts come first: watchlists[0].pairs[3]: ...
        joint = "." if str(error).startswith("pairs[") else ": "
        raise BadInput(f"{place}{joint}{error}") from error


def _object(value: object) -> _Object:
    if not isinstance(value, dict):
        raise BadInput(f"this must be an object with fields, not {str(value)[:20]!r}")
    return value


def _text(fields: _Object, name: str, usual: str | None = None) -> str:
    value = fields.get(name, usual)
    if not isinstance(value, str):
        raise BadInput(f"{name}: this must be a text" if name in fields else f"{name} is missing")
    return value


def _one_of(fields: _Object, name: str, known: tuple[Any, ...], usual: Any) -> Any:
    value = fields.get(name, usual)
    if value not in known:
        raise BadInput(f"{name}: “{str(value)[:20]}” is none of {', '.join(known)}")
    return value


def _flag(fields: _Object, name: str, *, usual: bool) -> bool:
    value = fields.get(name, usual)
    if not isinstance(value, bool):
        raise BadInput(f"{name}: this must be true or false")
    return value


def _whole(fields: _Object, name: str, bounds: tuple[int, int], usual: int | None) -> int | None:
    value = fields.get(name, usual)
    if value is not None and (
        isinstance(value, bool) or not isinstance(value, int) or not bounds[0] <= value <= bounds[1]
    ):
        raise BadInput(f"{name}: this must be a whole number from {bounds[0]:,} to {bounds[1]:,}")
    return value


def _number(fields: _Object, name: str, bounds: tuple[float, float]) -> float | None:
    value = fields.get(name)
    if value is None:
        return None
    real = isinstance(value, int | float) and not isinstance(value, bool)
    if not real or not bounds[0] <= value <= bounds[1]:
        raise BadInput(f"{name}: this must be a number from {bounds[0]:g} to {bounds[1]:g}")
    return float(value) + 0.0


def _refuse_twins(place: str, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise BadInput(f"{place}: “{name}” is there twice; rename one of them")
        seen.add(name.casefold())


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number that JSON knows")


def _iso(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
