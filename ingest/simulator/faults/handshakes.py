"""How new WebSocket handshakes are met: let in, cut off, left waiting, or answered with something else."""

from __future__ import annotations

from ingest.simulator.faults.lease import Lease
from ingest.simulator.faults.orders import Door
from ingest.simulator.replies import HTML_PAGE, Refusal, Reply


class Handshakes:
    """The order that is in force for new connections, if any."""

    def __init__(self) -> None:
        self._order: Door | None = None
        self._lease = Lease(None, None)

    def meet(self, order: Door, now_s: float) -> None:
        """Meet handshakes like this from now on."""
        self._order = None if order.how == "open" else order
        self._lease = Lease.starting(now_s, count=order.count, for_s=order.for_s)

    def open(self) -> None:
        """Let everybody in."""
        self._order = None

    def next(self, now_s: float) -> Door | None:
        """How the handshake that begins now is met; None: it is let in."""
        order = self.in_force(now_s)
        if order is not None:
            self._lease.use()
        return order

    def in_force(self, now_s: float) -> Door | None:
        """The order that the next handshake will meet, without using it."""
        if self._order is not None and not self._lease.holds(now_s):
            self._order = None
        return self._order

    def met(self) -> int:
        """How many handshakes met the latest order."""
        return self._lease.used


def refusal(order: Door) -> Reply:
    """The answer to a handshake that is met with a status or a page."""
    if order.how == "html":
        return Reply(200, HTML_PAGE, content_type="text/html; charset=UTF-8")
    return Refusal(-1000, f"The handshake is refused with status {order.status}.", order.status).reply()
