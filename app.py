"""Pairwatch: one command, one process. The only place where the real parts meet; nothing happens at import."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from analytics.errors import BadInput, StoreError
from services.commands.command_line import run
from settings import LOOPBACK, VERSION, BadSetting, Settings, has_display, read_settings

if TYPE_CHECKING:  # loaded where they are used: a command, --help and --version need none of the web
    from starlette.types import ASGIApp

_USAGE_ERROR = 2


def build(settings: Settings, *, listening: Callable[[], None] = lambda: None) -> ASGIApp:
    """The whole product as one ASGI application. Raises BadInput and StoreError before anything runs."""
    from fastapi import FastAPI

    from api.docs import docs_routes
    from api.errors import add_error_answers
    from api.guard import Guard
    from api.rest import rest_routes
    from callbacks.dashboard import create_dashboard
    from services.clock import SystemClock
    from services.desk_opening import open_desk
    from services.pulse import Pulse
    from services.sources import Sources

    clock = SystemClock()
    desk = open_desk(settings, clock)
    pulse = Pulse(desk.refresh, settings.beats_per_s)
    sources = Sources(settings, clock, desk, pulse)
    sources.open()

    def stop() -> None:
        pulse.stop()
        desk.close()
        sources.stop()

    @asynccontextmanager
    async def running(_server: FastAPI) -> AsyncIterator[None]:
        sources.start()
        desk.start_warm_up()
        pulse.start()
        desk.alerting.start(settings.beats_per_s)
        listening()
        yield
        await asyncio.to_thread(stop)

    server = FastAPI(title="Pairwatch", version=VERSION, lifespan=running, docs_url=None, redoc_url=None)
    add_error_answers(server)
    server.include_router(rest_routes(desk, clock, VERSION))
    server.include_router(docs_routes())
    dashboard = create_dashboard(server, desk)
    return Guard(server, names=LOOPBACK, port=settings.port, script_hashes=dashboard.csp_hashes)


def main(arguments: Sequence[str]) -> int:
    """Run the command that is named, or the dashboard until Ctrl-C or SIGTERM. Returns the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    if (code := run(arguments)) is not None:
        return code
    try:
        settings = read_settings(arguments)
        listener = _listen(settings.host, settings.port)
        url = f"http://{'[::1]' if settings.host == '::1' else settings.host}:{settings.port}"
        application = build(settings, listening=lambda: _announce(url, open_tab=not settings.no_browser))
    except (BadSetting, BadInput, StoreError) as error:
        print(f"pairwatch: {error}", file=sys.stderr)
        return _USAGE_ERROR
    import uvicorn
    from threadpoolctl import threadpool_limits

    # Small matrices on two busy cores: a second BLAS thread makes a millisecond's work wait for hundreds.
    threadpool_limits(limits=1, user_api="blas")
    config = uvicorn.Config(
        application, log_level="warning", access_log=False, timeout_graceful_shutdown=1, lifespan="on"
    )
    # uvicorn shuts down on Ctrl-C or SIGTERM, then raises it again for its caller: both are orderly ends.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        why = "is taken by another program" if error.errno is not None else "cannot be used"
        raise BadSetting(f"port {port} {why} ({error.strerror}); choose another with --port {port + 1}") from error


def _announce(url: str, *, open_tab: bool) -> None:
    print(f"Pairwatch {VERSION} is on {url}  (Ctrl-C ends it)", flush=True)
    if open_tab and has_display():
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:  # Ctrl-C before the server listens
        sys.exit(130)
