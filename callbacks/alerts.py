"""Alerts: their page, what every page hears of them, the forms, and what the user does with them."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from analytics.errors import PairwatchError
from callbacks.alert_deeds import done, tried
from callbacks.alert_shown import heard, shown
from callbacks.door import Door
from layouts import ids
from layouts.look import look_of
from layouts.navigation import ALERTS


def register(app: Dash, desk: Door) -> None:
    """Put the callbacks of alerts into the app."""

    @app.callback(
        Output(ids.ALERT_NEWS, "data"),
        Output(ids.ALERT_HEARD, "data"),
        Output(ids.ALERT_BANNER, "tree"),
        Output(ids.ALERT_BANNER, "className"),
        Input(ids.ALERT_VERSION, "data"),
        State(ids.ALERT_HEARD, "data"),
        State(ids.ALERT_NEWS, "data"),
    )
    async def hear(version: int | None, since: int | None, known: Any) -> Any:
        if version is None:
            raise PreventUpdate
        try:
            return await desk.ask(heard, desk, since, known)
        except PairwatchError:
            raise PreventUpdate from None  # the disk fails: the version grows again with its trouble

    @app.callback(
        Output(ids.ALERT_NOTE, "tree"),
        Output(ids.ALERT_ROWS, "tree"),
        Output(ids.ALERT_HISTORY_HEAD, "tree"),
        Output(ids.ALERT_HISTORY, "tree"),
        Output(ids.ALERT_CHANNELS, "tree"),
        Output(ids.ALERT_SHOWN, "data"),
        Input(ids.ALERTS_TIMER, "n_intervals"),
        Input(ids.PAGE, "data"),
        Input(ids.ALERT_VIEW, "data"),
        Input(ids.ALERT_DONE, "data"),
        Input(ids.LOOK, "data"),
        State(ids.ALERT_SHOWN, "data"),
        running=[(Output(ids.ALERTS_TIMER, "disabled"), True, False)],
    )
    async def show(_n: Any, page: str | None, view: Any, _done: Any, look: Any, known: Any) -> Any:
        if page != ALERTS.name:
            raise PreventUpdate
        try:
            return await desk.ask(shown, desk, view, look_of(look).zone, known or {})
        except PairwatchError as error:
            return (f"Cannot be read now: {error}.", *(no_update,) * 5)

    _register_forms(app, desk)


def _register_forms(app: Dash, desk: Door) -> None:
    @app.callback(
        Output(ids.ALERT_DONE, "data"),
        Input(ids.ALERT_WISH, "data"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    async def do(wish: dict[str, Any] | None, held: str | None) -> Any:
        if wish is None:
            raise PreventUpdate
        return await desk.ask(done, desk, wish, held)

    @app.callback(
        Output(ids.ALERT_TRIED, "data"),
        Input(ids.ALERT_TRIAL, "data"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    async def attempt(trial: dict[str, Any] | None, held: str | None) -> Any:
        if trial is None:
            raise PreventUpdate
        return await desk.ask(tried, desk, trial, held)
