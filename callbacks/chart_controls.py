"""The row below the chart: its options write the address, in the browser; the table of what is seen comes from here."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from analytics.errors import PairwatchError
from analytics.market import PairQuery
from callbacks.door import Door
from layouts import ids
from layouts.address import parsed
from layouts.chart_controls import OPTIONS
from layouts.chart_csv import chart_csv, csv_name
from layouts.legs import legs


def register(app: Dash, desk: Door) -> None:
    """Put the controls' callbacks into the app."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "chartOption"),
        Output(ids.URL, "search", allow_duplicate=True),
        *(Input(option_id, "n_clicks") for option_id, *_ in OPTIONS),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "chartOptions"), Input(ids.QUERY, "data")
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "csvWanted"),
        Output(ids.CSV_WANTED, "data"),
        Input(ids.CHART_CSV, "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.CSV_FILE, "data"),
        Input(ids.CSV_WANTED, "data"),
        State(ids.QUERY, "data"),
        running=[(Output(ids.CHART_CSV, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    async def csv(wanted: dict[str, int] | None, held: str | None) -> Any:
        if wanted is None or held is None:
            raise PreventUpdate
        try:
            return await desk.ask(_file, desk, parsed(held, desk.default_query()), wanted)
        except PairwatchError:
            raise PreventUpdate from None  # the source has just switched: the heartbeat says so


def _file(desk: Door, query: PairQuery, wanted: dict[str, int]) -> dict[str, Any]:
    analysis = desk.live(query)
    begin, end = int(wanted["from"]), int(wanted["to"])
    content = chart_csv(analysis, legs(query, desk.listings()), begin, end)
    return {"content": content, "filename": csv_name(analysis, begin, end, desk.status().source), "type": "text/csv"}
