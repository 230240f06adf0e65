"""Faults from Python: `exchange.faults.cut(how="rst")` and so on, from any thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from ingest.simulator.faults.orders import Order, Route, checked_order

Facts = dict[str, Any]


class Faults:
    """Each method is a fault of the table in docs/local-exchange.md, with the arguments that it has there.

    It returns when the exchange has taken it up, with what HTTP would answer (`{"ok": True, ...}`). Raises
    FaultRefused, with a sentence, for a fault that cannot be, and RuntimeError when the exchange is not running.
    """

    def __init__(self, perform: Callable[[Order], Facts], state: Callable[[], Facts]) -> None:
        self._perform = perform
        self._state = state

    def state(self) -> Facts:
        """What `GET /control/state` says: connections, newest ids, faults at work, REST requests."""
        return self._state()

    def cut(
        self,
        how: Literal["fin", "rst", "mid_frame", "close"] = "fin",
        *,
        code: int = 1_000,
        text: str = "",
        route: Route | None = None,
        connection: int | None = None,
    ) -> Facts:
        """End WebSocket connections now: all, or those of a route, or the one with this id."""
        return self._do("cut", how=how, code=code, text=text, route=route, connection=connection)

    def stall(
        self,
        how: Literal["silent", "mid_frame"] = "silent",
        *,
        for_s: float | None = None,
        route: Route | None = None,
        connection: int | None = None,
    ) -> Facts:
        """Say nothing more on the connections that are open now, not even a pong."""
        return self._do("stall", how=how, for_s=for_s, route=route, connection=connection)

    def door(
        self,
        how: Literal["refuse", "hang", "status", "html", "open"],
        *,
        status: int = 503,
        for_s: float | None = None,
        count: int | None = None,
    ) -> Facts:
        """Meet new WebSocket handshakes like this."""
        return self._do("door", how=how, status=status, for_s=for_s, count=count)

    def mute(self, symbols: Sequence[str] = (), *, streams: Literal["aggTrade", "markPrice", "all"] = "all") -> Facts:
        """Send nothing of these streams; no symbols: of every symbol."""
        return self._do("mute", symbols=list(symbols), streams=streams)

    def unmute(self) -> Facts:
        """End every `mute`."""
        return self._do("unmute")

    def withhold(self, symbol: str, ids: int, *, rest: bool = True) -> Facts:
        """Do not send the next `ids` trades (`first_id` to `last_id`); rest: whether REST has them."""
        return self._do("withhold", symbol=symbol, ids=ids, rest=rest)

    def repeat(self, symbol: str, last: int) -> Facts:
        """Send the newest `last` trades again; `sent` is how many (withheld ones are not)."""
        return self._do("repeat", symbol=symbol, last=last)

    def shuffle(self, symbol: str, within: int, count: int, *, seed: int = 0) -> Facts:
        """Send the next `count` trades out of order, none more than `within` places from its own."""
        return self._do("shuffle", symbol=symbol, within=within, count=count, seed=seed)

    def new_ids(self, symbol: str) -> Facts:
        """The next trade of a symbol bears the id 1; `last_id` is the last one of the history that is over."""
        return self._do("new_ids", symbol=symbol)

    def send(
        self,
        text: str | None = None,
        *,
        base64: str | None = None,
        binary: bool = False,
        route: Route | None = None,
        symbol: str | None = None,
    ) -> Facts:
        """Send one message with this payload to every connection; with a symbol, its placeholders are filled in."""
        return self._do("send", text=text, base64=base64, binary=binary, route=route, symbol=symbol)

    def send_bytes(self, base64: str, *, route: Route | None = None) -> Facts:
        """Put bytes on the wire of every connection."""
        return self._do("send_bytes", base64=base64, route=route)

    def flood(
        self,
        mib: float = 200.0,
        *,
        fragments: bool = False,
        route: Route | None = None,
        connection: int | None = None,
    ) -> Facts:
        """Stream one frame of so many MiB, or fragments of a message that never ends."""
        return self._do("flood", mib=mib, fragments=fragments, route=route, connection=connection)

    def tempo(self, speed: float) -> Facts:
        """The exchange's time runs so many times as fast as the wall clock from now on."""
        return self._do("tempo", speed=speed)

    def life(self, seconds: float) -> Facts:
        """A connection lives so long, those that are open included."""
        return self._do("life", seconds=seconds)

    def shutdown_notice(self, after_s: float) -> Facts:
        """Announce the end of the connections that are open now, and close them with 1001 after that time."""
        return self._do("shutdown_notice", after_s=after_s)

    def rest(
        self,
        path: str = "/",
        *,
        status: int | None = None,
        retry_after: int | None = None,
        body: Literal["json", "html", "empty", "truncated"] = "json",
        delay_s: float = 0.0,
        drop: bool = False,
        count: int | None = None,
        for_s: float | None = None,
    ) -> Facts:
        """Answer REST requests for paths that begin with `path` like this."""
        return self._do(
            "rest",
            path=path,
            status=status,
            retry_after=retry_after,
            body=body,
            delay_s=delay_s,
            drop=drop,
            count=count,
            for_s=for_s,
        )

    def horizon(self, hours: float, *, answer: Literal["rows", "empty", "error"] = "empty") -> Facts:
        """REST has trades of the last `hours`, and answers this to an older id."""
        return self._do("horizon", hours=hours, answer=answer)

    def clear(self) -> Facts:
        """Every fault off. New ids, and holes that are made already, stay."""
        return self._do("clear")

    def _do(self, do: str, **arguments: Any) -> Facts:
        return self._perform(checked_order(do, arguments))
