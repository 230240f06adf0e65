"""One file a concern, each `register(app, desk)`; a callback translates between page and Desk."""

from __future__ import annotations

from dash import Dash

from callbacks import (
    alerts,
    chart,
    chart_controls,
    costs,
    data,
    help_page,
    look,
    losses,
    pair,
    pulse,
    relation,
    route,
    search,
    settings,
    view,
    watching,
    watchlist,
    workspaces,
)
from callbacks.door import Door


def register_all(app: Dash, desk: Door) -> None:
    """Put every callback into the app."""
    route.register(app)
    look.register(app)
    view.register(app, desk)
    pulse.register(app, desk)
    pair.register(app, desk)
    chart.register(app)
    chart_controls.register(app, desk)
    costs.register(app, desk)
    losses.register(app, desk)
    data.register(app, desk)
    relation.register(app, desk)
    search.register(app, desk)
    help_page.register(app, desk)
    watching.register(app, desk)
    settings.register(app, desk)
    workspaces.register(app, desk)
    watchlist.register(app, desk)
    alerts.register(app, desk)
