"""The API over a scripted market, called in-process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.docs import docs_routes
from api.errors import add_error_answers
from api.guard import Guard
from api.rest import rest_routes
from services.desk import Desk
from tests.services.scripted import ScriptedFeed, scripted_desk

HOST = "127.0.0.1:8050"


@contextmanager
def api() -> Iterator[tuple[TestClient, Desk, ScriptedFeed]]:
    with scripted_desk() as (desk, feed, clock, _market):
        server = FastAPI(title="Pairwatch", docs_url=None, redoc_url=None)
        add_error_answers(server)
        server.include_router(rest_routes(desk, clock, "9.9.9"))
        server.include_router(docs_routes())
        guarded = Guard(
            server, names=("127.0.0.1", "localhost", "::1"), port=8050, script_hashes=lambda: ["'sha256-x'"]
        )
        with TestClient(guarded, base_url=f"http://{HOST}") as client:
            yield client, desk, feed
