"""The dashboard on the fake Desk, served on a port of its own: for what needs a browser but no market."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Page

from api.errors import add_error_answers
from api.kept import kept_routes
from callbacks.dashboard import create_dashboard
from services.clock import SystemClock
from services.desk import Desk
from tests.fakes import wait_until
from tests.ports import page_port
from tests.screen_fake import FakeDesk

_GO = """(address) => {
  history.pushState(null, "", address);
  window.dispatchEvent(new PopStateEvent("popstate"));
}"""


@dataclass(frozen=True)
class Faked:
    """A test changes what `desk` says; the page follows with its next heartbeat."""

    url: str
    desk: FakeDesk

    def visit(self, page: Page, address: str) -> None:
        """Load the page, or let one that is there go on as the back button would, which is seconds cheaper."""
        if page.url.startswith(f"{self.url}/"):
            page.evaluate(_GO, address)
        else:
            page.goto(self.url + address)


def on_the_clock() -> FakeDesk:
    """A fake whose moments are those of this machine, so that the page hears from it every second."""
    return FakeDesk(now=lambda: int(time.time() * 1000))


@contextmanager
def served(desk: FakeDesk, port: int | None = None) -> Iterator[Faked]:
    """Serve until the block ends. port: any that is free unless given."""
    desk.hum()
    server, clock = FastAPI(), SystemClock()
    add_error_answers(server)
    first = desk.default_query()
    server.include_router(kept_routes(Desk(clock, (first.y_symbol, first.x_symbol), desk.keeping), clock))
    create_dashboard(server, desk)
    chosen = port or page_port()
    # Pages that are still open hold their connections, hence the limit.
    settings = uvicorn.Config(server, host="127.0.0.1", port=chosen, log_level="warning", timeout_graceful_shutdown=2)
    web = uvicorn.Server(settings)
    thread = Thread(target=web.run, name="faked")
    thread.start()
    try:
        wait_until(lambda: web.started, what="the fake listens", within_s=30)
        yield Faked(f"http://127.0.0.1:{chosen}", desk)
    finally:
        web.should_exit = True
        thread.join(30)
