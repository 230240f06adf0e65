"""The local exchange as one object: a thread with an event loop that listens on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from ingest.simulator.calendar import DAY_MS, OPENING_MS
from ingest.simulator.catalogue import Catalogue
from ingest.simulator.clock import ExchangeClock
from ingest.simulator.connection import Connection, Rooms
from ingest.simulator.faults.calls import Faults
from ingest.simulator.faults.director import Director
from ingest.simulator.faults.endpoint import ControlEndpoint
from ingest.simulator.faults.orders import Order
from ingest.simulator.faults.stage import Stage, set_up
from ingest.simulator.listing import INSTRUMENTS
from ingest.simulator.market import Market
from ingest.simulator.published import PublishedTrades
from ingest.simulator.rules import Rules
from ingest.simulator.truth import TruthLog

_Answer = TypeVar("_Answer")
_PATIENCE_S = 5.0
_START_S = 30.0  # what was missed in a long stop has to be logged first


def wall_clock_ms() -> int:
    """Milliseconds UTC of this machine."""
    return time.time_ns() // 1_000_000


def _server_tls(certificate: Path | str, key: Path | str) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls


class LocalExchange:
    """A seeded market behind the wire protocol of Binance USD-M.

    seed: the whole market follows from it.  port: 0 picks a free one.  truth_path: a CSV file that gets a line for
    every published trade.  now_ms: a wall clock, milliseconds UTC, at or after 2024-01-02.  behind_ms, tempo: the
    exchange's own clock begins so far in the past, and runs so many times faster.  tls: files of a certificate and of
    its key (PEM), for `wss` and `https`.

    Raises ValueError for a clock that cannot be, and OSError for files that are no certificate and key.

    faults: what can go wrong, on demand.
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
        behind_ms: int = 0,
        tempo: float = 1.0,
        tls: tuple[Path | str, Path | str] | None = None,
    ) -> None:
        if not 0 <= behind_ms <= now_ms() - OPENING_MS - DAY_MS:
            raise ValueError("behind_ms is a time between now and the second day of the market, 2024-01-02")
        if not 0.001 <= tempo <= 10_000:
            raise ValueError("tempo lies between 0.001 and 10000")
        self.faults = Faults(self._perform, lambda: self._on_loop(lambda: self._running().state()))
        self._seed = seed
        self._address = (host, port)
        self._truth_path = truth_path
        self._now_ms = now_ms
        self._rules = rules or Rules()
        self._behind_ms = behind_ms
        self._tempo = tempo
        self._tls = None if tls is None else _server_tls(*tls)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening = threading.Event()
        self._stopping: asyncio.Event | None = None
        self._stage: Stage | None = None
        self._director: Director | None = None
        self._witness: Market | None = None  # `truth` is asked from other threads; a market belongs to one
        self._witness_lock = threading.Lock()

    @property
    def market_ws_url(self) -> str:
        """Base of the market route; known once started."""
        return f"{self._base('ws')}/market"

    @property
    def public_ws_url(self) -> str:
        """Base of the public route; known once started."""
        return f"{self._base('ws')}/public"

    @property
    def rest_url(self) -> str:
        """Base of the REST endpoints; known once started."""
        return self._base("http")

    def _base(self, plain: str) -> str:
        return f"{plain}{'' if self._tls is None else 's'}://{self._address[0]}:{self._address[1]}"

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
        if not self._listening.wait(_START_S):
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

    def truth(self, symbol: str, first_id: int, last_id: int, *, history: int = 0) -> PublishedTrades:
        """The trades first_id..last_id straight from the market model (also such as are not published yet).

        history: which ids are meant, when `faults.new_ids` began others: 0 the first ones, 1 the next, -1 the newest.
        """
        before = 0 if self._stage is None else self._stage.catalogue.before(symbol, history)
        with self._witness_lock:
            witness = self._witness = self._witness or Market(self._seed)
            trades = witness.trades(symbol, max(1, first_id) + before, last_id + before)
            trades = replace(trades, trade_id=trades.trade_id - before)
            return PublishedTrades.of(witness.instruments[symbol], trades)

    def newest_id(self, symbol: str) -> int:
        """Id of the last published trade of a symbol; 0 when it begins anew and nothing is traded yet."""
        return self._on_loop(lambda: self._parts().tape.newest[symbol] - self._parts().catalogue.before(symbol))

    def now_ms(self) -> int:
        """The exchange's own clock, milliseconds UTC."""
        return self._on_loop(lambda: self._parts().clock())

    def connections(self) -> int:
        """How many WebSocket clients are connected."""
        return self._on_loop(lambda: len(self._parts().publisher.peers))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def _set_paused(self, *, paused: bool) -> None:
        self._parts().tape.paused = paused

    def _parts(self) -> Stage:
        if self._stage is None:
            raise RuntimeError("the local exchange is not running")
        return self._stage

    def _running(self) -> Director:
        if self._director is None:
            raise RuntimeError("the local exchange is not running")
        return self._director

    def _perform(self, order: Order) -> dict[str, Any]:
        return self._on_loop(lambda: self._running().perform(order))

    def _drop_peers(self) -> int:
        peers = list(self._parts().publisher.peers)
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
        with contextlib.ExitStack() as resources:
            if truth is not None:
                resources.enter_context(contextlib.closing(truth))
            stage = self._set_up(truth)
            resources.callback(lambda: stage.catalogue.clear(stage.tape.newest))
            self._director = director = Director(stage)
            resources.callback(director.stop)
            rooms = Rooms(self._rules, stage.publisher, stage.rest, stage.handshakes, ControlEndpoint(director))
            await self._run(listener, rooms, stopping)

    def _set_up(self, truth: TruthLog | None) -> Stage:
        """The parts; one that ran before goes on with its clock, its ids and its holes."""
        if self._stage is None:
            clock = ExchangeClock(self._now_ms, behind_ms=self._behind_ms, speed=self._tempo)
            self._stage = set_up(self._seed, self._rules, clock, Catalogue(Market(self._seed)), truth)
        else:
            clock, newest = self._stage.clock, self._stage.tape.newest
            clock.run_at(self._tempo)
            self._stage = set_up(self._seed, self._rules, clock, self._stage.catalogue, truth)
            self._stage.publisher.log_missed(newest)
        return self._stage

    async def _run(self, listener: socket.socket, rooms: Rooms, stopping: asyncio.Event) -> None:
        open_now: dict[asyncio.Task[None], Connection] = {}
        publisher = rooms.publisher

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = Connection(reader, writer, rooms)
            task = asyncio.create_task(connection.serve())
            open_now[task] = connection
            task.add_done_callback(open_now.pop)

        server = await asyncio.start_server(connected, sock=listener, ssl=self._tls)
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
