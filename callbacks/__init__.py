"""One file a concern, each `register(app, desk)`; a callback translates between page and Desk."""

from __future__ import annotations

from dash import Dash

from callbacks import pair, pulse, view
from callbacks.door import Door


def register_all(app: Dash, desk: Door) -> None:
    """Put every callback into the app."""
    view.register(app, desk)
    pulse.register(app, desk)
    pair.register(app, desk)
