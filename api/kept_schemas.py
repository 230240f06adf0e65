"""What goes in and out of the routes of what the user keeps. No field changes its meaning."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from analytics.kept import ClockZone, Colours, RemovalKind, Theme
from analytics.kept_checks import LONGEST_ADDRESS, LONGEST_NAME, MOST_PAIRS
from analytics.market import CorrelationKind, HedgeMethod, PriceScale
from api.schemas import SymbolIn, TimeframeIn, known_symbol

_PAIR = {"symbol_a": "btcusdt", "symbol_b": "ethusdt", "timeframe": "1s", "window": 300, "pinned": True}
_WORKSPACE = {"name": "Morning", "address": "/?pair=BTCUSDT-ETHUSDT&tf=1s&window=300", "watchlist": "Majors"}

NameIn = Annotated[str, Field(min_length=1, max_length=4 * LONGEST_NAME, examples=["Majors"])]


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [fields]})


class PreferencesOut(BaseModel):
    """What holds for the whole screen. Fees: of one fill, in basis points. Levels: 0 <= exit < entry < stop."""

    theme: Theme
    colours: Colours
    zone: ClockZone
    taker_fee_bp: float
    maker_fee_bp: float
    entry_zscore: float
    exit_zscore: float
    stop_zscore: float


class PreferencesIn(BaseModel):
    """The fields to change; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"theme": "light", "taker_fee_bp": 4.5}]})

    theme: Theme | None = None
    colours: Colours | None = None
    zone: ClockZone | None = None
    taker_fee_bp: float | None = Field(None, allow_inf_nan=False)
    maker_fee_bp: float | None = Field(None, allow_inf_nan=False)
    entry_zscore: float | None = Field(None, allow_inf_nan=False)
    exit_zscore: float | None = Field(None, allow_inf_nan=False)
    stop_zscore: float | None = Field(None, allow_inf_nan=False)


class PairIn(BaseModel):
    """A row of a watchlist: the fields of a snapshot's question, and whether it stays on top."""

    model_config = _example(**_PAIR)

    symbol_a: SymbolIn
    symbol_b: Annotated[str, AfterValidator(known_symbol), Field(min_length=2, max_length=30, examples=["ETHUSDT"])]
    timeframe: TimeframeIn = "1s"
    window: int = Field(300, ge=2, le=20_000)
    lookback: int | None = Field(None, ge=3, le=100_000)
    hedge: HedgeMethod = "ols"
    fixed_ratio: float | None = Field(None, allow_inf_nan=False)
    include_intercept: bool = True
    price_scale: PriceScale = "level"
    correlation: CorrelationKind = "pearson"
    exit_zscore: float = Field(0.0, ge=0, le=100, allow_inf_nan=False)
    pinned: bool = False


class WatchlistIn(BaseModel):
    """A list under its name, in the user's order."""

    model_config = _example(name="Majors", pairs=[_PAIR])

    name: NameIn
    pairs: list[PairIn] = Field(default=[], max_length=MOST_PAIRS)


class PairsIn(BaseModel):
    """The rows that a list holds from now on. name: its new name, null to leave it."""

    model_config = _example(name=None, pairs=[_PAIR])

    name: NameIn | None = None
    pairs: list[PairIn] | None = Field(None, max_length=MOST_PAIRS)


class PairOut(BaseModel):
    """A row of a watchlist."""

    symbol_a: str
    symbol_b: str
    timeframe: str
    window: int
    lookback: int | None
    hedge: HedgeMethod
    fixed_ratio: float | None
    include_intercept: bool
    price_scale: PriceScale
    correlation: CorrelationKind
    exit_zscore: float
    pinned: bool


class WatchlistOut(BaseModel):
    """A list under its name."""

    name: str
    pairs: list[PairOut]


class Watchlists(BaseModel):
    """Every list, in the user's order; there is always one."""

    watchlists: list[WatchlistOut]


class WorkspaceIn(BaseModel):
    """A named view. address: path and search of a page.  watchlist: the name of the list beside it."""

    model_config = _example(**_WORKSPACE)

    name: NameIn
    address: str = Field(min_length=1, max_length=LONGEST_ADDRESS)
    watchlist: NameIn


class WorkspaceChange(BaseModel):
    """The fields to change; what is null or left out stays as it is."""

    model_config = _example(name="Noon", address=None, watchlist=None)

    name: NameIn | None = None
    address: str | None = Field(None, min_length=1, max_length=LONGEST_ADDRESS)
    watchlist: NameIn | None = None


class WorkspaceOut(BaseModel):
    """A named view. saved_at: when it was saved, UTC."""

    name: str
    address: str
    watchlist: str
    saved_at: str


class Workspaces(BaseModel):
    """Every named view."""

    workspaces: list[WorkspaceOut]


class RemovedOut(BaseModel):
    """What was removed. `POST /api/kept/removed/{removal}/restore` brings it back.

    kind: pair (of a list), watchlist, workspace, or replaced: the earlier form of what an import has replaced.
    """

    removal: int
    kind: RemovalKind
    name: str
    removed_at: str


class RemovedList(BaseModel):
    """Newest first; the oldest of many are forgotten."""

    removed: list[RemovedOut]


class Changes(BaseModel):
    """Names of one kind: those that are new, that replace another form, and that are there already."""

    added: list[str]
    replaced: list[str]
    alike: list[str]


class ImportOut(BaseModel):
    """What a file changes, or with `dry_run` would change. What it does not name stays as it is.

    preferences: names of those that get another value.  alerts: none is ever replaced; one of the same name with other
    content is added beside it.  removal: brings back what was replaced, null where nothing was.
    """

    applied: bool
    preferences: list[str]
    watchlists: Changes
    workspaces: Changes
    alerts: Changes
    removal: int | None
