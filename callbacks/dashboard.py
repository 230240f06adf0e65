"""The Dash app on top of a FastAPI server: title, assets, layout, callbacks. It is served, never run, by the caller."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from dash import Dash
from fastapi import FastAPI

from callbacks import register_all
from callbacks.door import Door
from callbacks.failures import LogFailures
from layouts.index import INDEX, LOOK_PLACE, look_attributes
from layouts.plain import followed_by, lightened
from layouts.screen import screen

_ASSETS: Final = Path(__file__).resolve().parent.parent / "assets"
_STYLESHEETS: Final = ["/assets/vendor/inter/inter.css", "/assets/vendor/bootstrap/bootstrap.min.css"]


class _Dashboard(Dash):
    """The kept look is told with the page itself, because a script that had to ask for it would come too late."""

    desk: Door

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]  # Dash names each part
        index: str = super().interpolate_index(**parts)  # type: ignore[no-untyped-call]
        return index.replace(LOOK_PLACE, look_attributes(self.desk.keeping.preferences()), 1)


def create_dashboard(server: FastAPI, desk: Door) -> Dash:
    """The dashboard mounted on `server`. Include every other route before: Dash answers whatever is left over.

    `csp_hashes()` of the result is final: no callback is added later.
    """
    server.add_middleware(LogFailures)  # before Dash adds its own, so that it stands inside of it
    app = _Dashboard(
        "pairwatch",
        server=server,  # type: ignore[arg-type]  # its annotation knows Flask only
        assets_folder=str(_ASSETS),
        assets_ignore="^look\\.js$",  # stands in the head of the index
        assets_path_ignore=["vendor"],  # asked for by name above all else: Swagger UI must not load with the page
        external_stylesheets=list(_STYLESHEETS),
        index_string=INDEX,
        title="Pairwatch",
        update_title="",
        add_log_handler=False,
        enable_mcp=False,
        websocket_callbacks=False,
    )

    app.desk = desk

    def layout() -> Any:
        desk.wait_until_warm()
        page = screen(desk.listings(), desk.default_query(), desk.keeping.preferences())
        return lightened(page, followed)

    register_all(app, desk)
    followed = followed_by(app._callback_list)
    app.layout = layout
    # Dash 4.4.1 makes itself ready at the first request for "/"; a visitor whose first address is another page would
    # be given one without our scripts and styles.
    app._setup_server()  # type: ignore[no-untyped-call]
    return app
