"""A failure on the page goes into the log: Dash 4.4.1 on FastAPI answers 500 and says nothing to anybody."""

from __future__ import annotations

import logging

from dash.exceptions import PreventUpdate
from starlette.types import ASGIApp, Receive, Scope, Send

_logger = logging.getLogger(__name__)


class LogFailures:
    """ASGI middleware inside Dash's own: writes the traceback down and passes the exception on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and log what goes wrong."""
        try:
            await self._app(scope, receive, send)
        except PreventUpdate:
            raise
        except Exception:
            _logger.exception("%s failed", scope.get("path", ""))
            raise
