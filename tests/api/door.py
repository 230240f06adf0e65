"""The API over a scripted market, called in-process or over a socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import ASGIApp

from api.docs import docs_routes
from api.errors import add_error_answers
from api.guard import Guard
from api.rest import rest_routes
from services.desk import Desk
from services.ports import Clock, TickStore
from tests.fakes import wait_until
from tests.services.scripted import ScriptedFeed, scripted_desk

HOST = "127.0.0.1:8050"


def api_server(desk: Desk, clock: Clock) -> FastAPI:
    """All routes, as the product puts them together."""
    server = FastAPI(title="Pairwatch", docs_url=None, redoc_url=None)
    add_error_answers(server)
    server.include_router(rest_routes(desk, clock, "9.9.9"))
    server.include_router(docs_routes())
    return server


@contextmanager
def api(
    store: TickStore | None = None, datasets: Path | None = None
) -> Iterator[tuple[TestClient, Desk, ScriptedFeed]]:
    with scripted_desk(store, datasets=datasets) as (desk, feed, clock, _market):
        guarded = Guard(
            api_server(desk, clock),
            names=("127.0.0.1", "localhost", "::1"),
            port=8050,
            script_hashes=lambda: ["'sha256-x'"],
        )
        with TestClient(guarded, base_url=f"http://{HOST}") as client:
            yield client, desk, feed


@contextmanager
def served(application: ASGIApp) -> Iterator[int]:
    """The port of a real server on loopback, for what only a socket can show."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(application, log_level="critical", access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="served")
        thread.start()
        try:
            wait_until(lambda: server.started, what="the server listens")
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(10)
    assert not thread.is_alive()
