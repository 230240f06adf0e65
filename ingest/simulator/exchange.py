"""The local exchange as one object: a thread with an event loop that listens on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from ingest.simulator.candles import Candles
from ingest.simulator.connection import Connection
from ingest.simulator.endpoints import Endpoints
from ingest.simulator.listing import INSTRUMENTS
from ingest.simulator.market import Market
from ingest.simulator.published import PublishedTrades
from ingest.simulator.publisher import Publisher
from ingest.simulator.rest import Rest
from ingest.simulator.rules import Rules
from ingest.simulator.tape import Tape
from ingest.simulator.truth import TruthLog

_Answer = TypeVar("_Answer")
_PATIENCE_S = 5.0


def wall_clock_ms() -> int:
    """Milliseconds UTC of this machine."""
    return time.time_ns() // 1_000_000


class LocalExchange:
    """A seeded market behind the wire protocol of Binance USD-M.

    seed: the whole market follows from it.  port: 0 picks a free one.  truth_path: a CSV file that gets a line for
    every published trade.  now_ms: the exchange's clock, milliseconds UTC, at or after 2024-01-02.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        host: str = "127.0.0.1",
        port: int = 0,
        truth_path: Path | None = None,
        now_ms: Callable[[], int] = wall_clock_ms,
        rules: Rules | None = None,
    ) -> None:
        self._seed = seed
        self._address = (host, port)
        self._truth_path = truth_path
        self._now_ms = now_ms
        self._rules = rules or Rules()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening = threading.Event()
        self._stopping: asyncio.Event | None = None
        self._publisher: Publisher | None = None
        self._tape: Tape | None = None
        self._witness: Market | None = None  # `truth` is asked from other threads; a market belongs to one
        self._witness_lock = threading.Lock()

    @property
    def market_ws_url(self) -> str:
        """Base of the market route; known once started."""
        return f"ws://{self._address[0]}:{self._address[1]}/market"

    @property
    def public_ws_url(self) -> str:
        """Base of the public route; known once started."""
        return f"ws://{self._address[0]}:{self._address[1]}/public"

    @property
    def rest_url(self) -> str:
        """Base of the REST endpoints; known once started."""
        return f"http://{self._address[0]}:{self._address[1]}"

    def symbols(self) -> tuple[str, ...]:
        """What it lists."""
        return tuple(instrument.symbol for instrument in INSTRUMENTS)

    def start(self) -> None:
        """Returns when it listens. Raises OSError when the port is taken or the log cannot be written."""
        if self._thread is not None:
            return
        listener = socket.create_server(self._address, backlog=128)
        try:
            truth = None if self._truth_path is None else TruthLog(self._truth_path)
        except OSError:
            listener.close()
            raise
        self._address = (self._address[0], listener.getsockname()[1])
        self._listening.clear()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(listener, truth)), name="local-exchange")
        self._thread.daemon = True
        self._thread.start()
        if not self._listening.wait(_PATIENCE_S):
            raise OSError("the local exchange did not start")

    def stop(self) -> None:
        """Close all connections and end the thread. May be called twice."""
        thread, loop, stopping = self._thread, self._loop, self._stopping
        if thread is None or loop is None or stopping is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop is already closed when the thread ended by itself
            loop.call_soon_threadsafe(stopping.set)
        thread.join(_PATIENCE_S)
        self._thread = None

    def pause(self) -> None:
        """The market stands still: nothing new is published until `resume`, heartbeats go on."""
        self._on_loop(lambda: self._set_paused(paused=True))

    def resume(self) -> None:
        """Go on. What happened meanwhile is published now, with its own times: ids have no hole."""
        self._on_loop(lambda: self._set_paused(paused=False))

    def disconnect(self) -> int:
        """Drop all WebSocket connections without a close frame; how many there were."""
        return self._on_loop(self._drop_peers)

    def truth(self, symbol: str, first_id: int, last_id: int) -> PublishedTrades:
        """The trades first_id..last_id straight from the market model (also such as are not published yet)."""
        with self._witness_lock:
            witness = self._witness = self._witness or Market(self._seed)
            return PublishedTrades.of(witness.instruments[symbol], witness.trades(symbol, first_id, last_id))

    def newest_id(self, symbol: str) -> int:
        """Id of the last published trade of a symbol."""
        return self._on_loop(lambda: self._running_tape().newest[symbol])

    def connections(self) -> int:
        """How many WebSocket clients are connected."""
        return self._on_loop(lambda: len(self._publisher.peers) if self._publisher is not None else 0)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def _set_paused(self, *, paused: bool) -> None:
        self._running_tape().paused = paused

    def _running_tape(self) -> Tape:
        if self._tape is None:
            raise RuntimeError("the local exchange is not running")
        return self._tape

    def _drop_peers(self) -> int:
        peers = list(self._publisher.peers) if self._publisher is not None else []
        for peer in peers:
            peer.drop()
        return len(peers)

    def _on_loop(self, ask: Callable[[], _Answer]) -> _Answer:
        """Do something on the exchange's own thread and wait for the answer."""
        if self._loop is None or self._thread is None:
            raise RuntimeError("the local exchange is not running")

        async def answer() -> _Answer:
            return ask()

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result(_PATIENCE_S)

    async def _serve(self, listener: socket.socket, truth: TruthLog | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = stopping = asyncio.Event()
        market = Market(self._seed)
        candles = Candles(market)
        self._tape = Tape(market, self._now_ms())
        with contextlib.ExitStack() as resources:
            if truth is not None:
                resources.enter_context(contextlib.closing(truth))
            publisher = Publisher(self._seed, market, candles, self._tape, truth, self._now_ms)
            self._publisher = publisher
            endpoints = Endpoints(self._seed, market, candles, self._tape, self._rules, self._now_ms)
            await self._run(listener, publisher, Rest(endpoints, self._rules, self._now_ms), stopping)

    async def _run(self, listener: socket.socket, publisher: Publisher, rest: Rest, stopping: asyncio.Event) -> None:
        open_now: dict[asyncio.Task[None], Connection] = {}

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = Connection(reader, writer, rest, publisher, self._rules)
            task = asyncio.create_task(connection.serve())
            open_now[task] = connection
            task.add_done_callback(open_now.pop)

        server = await asyncio.start_server(connected, sock=listener)
        workers = [asyncio.create_task(publisher.run()), asyncio.create_task(publisher.run_klines())]
        stopped = asyncio.create_task(stopping.wait())
        self._listening.set()
        await asyncio.wait([stopped, *workers], return_when=asyncio.FIRST_COMPLETED)
        server.close()
        served = list(open_now)
        for connection in open_now.values():
            connection.drop()
        for task in (stopped, *workers, *served):
            task.cancel()  # also a client that waits for a month of klines
        await asyncio.gather(*served, return_exceptions=True)
        for outcome in await asyncio.gather(*workers, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
