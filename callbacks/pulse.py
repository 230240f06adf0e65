"""The page's heartbeat: one timer, one request, and nothing sent back while nothing has changed."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from analytics.datasets import dataset_of
from analytics.errors import PairwatchError
from analytics.market import Listing, PairQuery
from analytics.status import MarketStatus
from callbacks.door import Door
from layouts import feed, ids
from layouts.address import parsed
from layouts.controls import listed_mark
from layouts.freshness import freshness
from layouts.navigation import PAIR
from layouts.search import listed as listed_symbols
from layouts.search import states

RUNNING: Final = [(Output(ids.PULSE, "disabled"), True, False)]  # while an answer is on its way, no new question
_FEED_OUTPUTS: Final = (
    Output(ids.FEED, "data"),
    Output(ids.BADGE, "tree"),
    Output(ids.BADGE, "className"),
    Output(ids.BANNER, "tree"),
    Output(ids.BANNER, "className"),
    Output(ids.AGE, "tree"),
    Output(ids.CARDS, "className"),
    Output(ids.CARDS, "style"),
    Output(ids.RELATION_AGE, "tree"),
    Output(ids.RELATION_BODY, "className"),
    Output(ids.BADGE_MORE, "tree"),
    Output(ids.FOOT, "tree"),
    Output(ids.LISTED, "data"),
    Output(ids.STATES, "data"),
    Output(ids.LOSSES, "data"),
)


def register(app: Dash, desk: Door) -> None:
    """Put the heartbeat into the app, and the title that runs in the browser."""

    @app.callback(
        Output(ids.VERSION, "data"),
        Output(ids.KEPT_VERSION, "data"),
        Output(ids.ALERT_VERSION, "data"),
        *_FEED_OUTPUTS,
        Input(ids.PULSE, "n_intervals"),
        Input(ids.QUERY, "data"),
        State(ids.PAGE, "data"),
        State(ids.VERSION, "data"),
        State(ids.KEPT_VERSION, "data"),
        State(ids.ALERT_VERSION, "data"),
        State(ids.FEED, "data"),
        running=RUNNING,
    )
    async def pulse(
        _n: int, held: str | None, page: str, drawn: Any, kept: int | None, alerts: int | None, shown: dict[str, Any]
    ) -> Any:
        if held is None:
            raise PreventUpdate
        query = parsed(held, desk.default_query())
        version, status, refusal, *grown = await desk.ask(_news, desk, query, seen=page == PAIR.name)
        newest = {"query": held, "version": version}
        told = _told(status, query, desk.listings(), shown, refusal)
        drawing = no_update if version is None or newest == drawn else newest
        known = zip(grown, (kept, alerts), strict=True)
        return (drawing, *(no_update if now == before else now for now, before in known), *told)

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "namePage"),
        Input(ids.PAGE, "data"),
        State(ids.ROUTES, "data"),
    )


def _news(desk: Door, query: PairQuery, *, seen: bool) -> tuple[int | None, MarketStatus, str | None, int, int]:
    """The newest version, None while there is nothing to draw; the feed's state; why this pair cannot be shown;
    the versions of what is kept and of what is told of alerts.

    seen: whether the pair's page is in front; else nothing is computed for it.

    Asking for the answer itself, and not for its version alone, is what keeps it fresh: the Desk renews only what
    somebody looks at. A leg is subscribed anew when the source has switched to a market that did not know it.
    """
    status, kept, alerts = desk.status(), desk.keeping.version, desk.alerting.version
    if not seen or not (status.symbols or dataset_of(query.y_symbol)):
        return None, status, None, kept, alerts
    try:
        if not {query.y_symbol, query.x_symbol} <= status.symbols.keys():
            desk.watch(query.y_symbol, query.x_symbol)
        desk.live(query)
    except PairwatchError as error:
        return None, status, str(error), kept, alerts
    return desk.version(query), status, None, kept, alerts


def _told(
    status: MarketStatus, query: PairQuery, listings: tuple[Listing, ...], shown: dict[str, Any], refusal: str | None
) -> tuple[Any, ...]:
    """What the page says of its data, in the order of `_FEED_OUTPUTS`; no_update for all that it says already."""
    mark, listed = feed.mark_of(status, query), listed_mark(listings)
    if (shown["mark"], shown["listed"]) == (mark, listed):
        return (no_update,) * len(_FEED_OUTPUTS)
    said = (
        feed.badge(status, query),
        feed.badge_class(status, query),
        feed.banner(status, query),
        feed.banner_class(status, query),
        refusal or feed.age(status, query),
        feed.cards_class(status, query),
        feed.cards_style(status, query),
        refusal or feed.age(status, query),
        feed.relation_class(status, query),
        feed.both_legs(status, query),
        feed.foot(status),
    )
    # Each place that is written costs the browser a round through all that it holds.
    said_marks = [crc32(repr(one).encode()) for one in said]
    before = shown.get("said") or [None] * len(said)
    state = {
        "mark": mark,
        "word": freshness(status, query).word,
        "stale": freshness(status, query).stale,
        "second": status.now_ms // 1000,
        "listed": listed,
        "lost": _lost(status, query),
        "states": crc32(repr(states(status)).encode()),
        "said": said_marks,
    }
    return (
        state,
        *(no_update if now == then else one for one, now, then in zip(said, said_marks, before, strict=True)),
        no_update if shown["listed"] == listed else listed_symbols(listings),
        no_update if shown["states"] == state["states"] else states(status),
        no_update if shown["lost"] == state["lost"] else state["lost"],
    )


def _lost(status: MarketStatus, query: PairQuery) -> dict[str, int]:
    """How many holes of each leg are lost for good, where there are any."""
    legs = (status.symbols.get(symbol) for symbol in (query.y_symbol, query.x_symbol))
    return {leg.symbol: leg.gaps_lost for leg in legs if leg is not None and leg.gaps_lost}
