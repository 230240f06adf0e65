"""An answer that goes on for as long as its reader takes it."""

from __future__ import annotations

import asyncio

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class Download(StreamingResponse):
    """A streamed file. A reader who has stopped holds up no shutdown, and does not look like a failure of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end, until the reader is gone, or until the server is shut down."""
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            # The server gives its last answers a second, then cancels what is left; it closes the connection itself.
            return
