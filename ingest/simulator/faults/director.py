"""Carries out orders: checks them against what is there, and tells the part that can do it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from ingest.simulator.faults.links import Links
from ingest.simulator.faults.orders import (
    Clear,
    Cut,
    Door,
    FaultRefused,
    Flood,
    HorizonAt,
    Life,
    Mute,
    NewIds,
    Order,
    Repeat,
    RestAnswer,
    Send,
    SendBytes,
    ShuffleNext,
    ShutdownNotice,
    Stall,
    Tempo,
    Unmute,
    Withhold,
    decoded,
)
from ingest.simulator.faults.shuffle import Shuffle
from ingest.simulator.faults.stage import Stage
from ingest.simulator.faults.terms import Terms
from ingest.simulator.frames import frame_head

_MESSAGE_BYTES = 2 * 1_048_576
Facts = dict[str, Any]


class Director:
    """Does what an order says. Belongs to the exchange's event loop."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._links = Links(stage.publisher.peers)
        self._timers: set[asyncio.TimerHandle] = set()
        self._acts: dict[type[Order], Callable[[Any], Facts | None]] = {
            Cut: lambda order: {"connections": self._links.cut(order)},
            Stall: lambda order: {"connections": self._links.stall(order, self._later)},
            Door: lambda order: stage.handshakes.meet(order, _now_s()),
            Mute: self._mute,
            Unmute: lambda _order: self._unmute(),
            Withhold: self._withhold,
            Repeat: self._repeat,
            ShuffleNext: self._shuffle,
            NewIds: self._new_ids,
            Send: lambda order: {"connections": self._links.put(self._message(order), order.route)},
            SendBytes: lambda order: {"connections": self._links.put(decoded(order.base64), order.route)},
            Flood: lambda order: {"connections": self._links.flood(order)},
            Tempo: lambda order: stage.clock.run_at(order.speed),
            Life: self._life,
            ShutdownNotice: lambda order: {"connections": self._links.warn(order, stage.clock(), self._later)},
            RestAnswer: self._script_rest,
            HorizonAt: self._horizon,
            Clear: lambda _order: self._clear(),
        }

    def perform(self, order: Order) -> Facts:
        """Do it; `{"ok": true}` and what else is worth knowing of it. Raises FaultRefused."""
        return {"ok": True, **(self._acts[type(order)](order) or {})}

    def state(self) -> Facts:
        """Connections, newest ids, what is at work, and what REST was asked, as plain JSON values."""
        stage, now_s = self._stage, _now_s()
        return {
            "time_ms": stage.clock(),
            "speed": stage.clock.speed,
            "connections": [
                {
                    "id": peer.number,
                    "route": peer.route,
                    "age_s": round(peer.age_s(now_s), 3),
                    "streams": list(peer.subscriptions.names),
                    "stalled": peer.stalled,
                }
                for peer in sorted(stage.publisher.peers, key=lambda peer: peer.number)
            ],
            "newest": {symbol: newest - stage.catalogue.before(symbol) for symbol, newest in stage.tape.newest.items()},
            "faults": self._in_force(now_s),
            "rest": stage.log.state(),
        }

    def stop(self) -> None:
        """Forget what was to be done later, and end what runs by itself."""
        self._links.cancel_floods()
        self._forget()

    def _forget(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _later(self, delay_s: float, act: Callable[[], None]) -> None:
        def due() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(delay_s, due)
        self._timers.add(timer)

    def _in_force(self, now_s: float) -> list[Facts]:
        stage = self._stage
        found: list[Facts] = []
        door = stage.handshakes.in_force(now_s)
        if door is not None:
            found.append({**_plain(door), "used": stage.handshakes.met()})
        found += [_plain(order) for order in stage.mutes.orders]
        found += [{**_plain(order), "used": used} for order, used in stage.rest.in_force(now_s)]
        found += [
            {"do": "withhold", "symbol": symbol, "left": left}
            for symbol, left in stage.deliveries.withholding(stage.tape.newest).items()
        ]
        found += [
            {"do": "shuffle", "symbol": symbol, "left": left} for symbol, left in stage.deliveries.shuffling().items()
        ]
        if stalled := self._links.stalled():
            found.append({"do": "stall", "connections": [peer.number for peer in stalled]})
        if stage.clock.speed != stage.start_speed:
            found.append({"do": "tempo", "speed": stage.clock.speed})
        terms, start = stage.terms, Terms.of(stage.rules)
        if (terms.horizon_ms, terms.older) != (start.horizon_ms, start.older):
            found.append({"do": "horizon", "hours": terms.horizon_ms / 3_600_000, "answer": terms.older})
        if terms.life_s != start.life_s:
            found.append({"do": "life", "seconds": terms.life_s})
        return found

    def _listed(self, symbols: Iterable[str]) -> None:
        for symbol in symbols:
            if symbol not in self._stage.tape.newest:
                raise FaultRefused(f"{symbol!r} is not listed here; symbols are written like BTCUSDT.")

    def _mute(self, order: Mute) -> None:
        self._listed(order.symbols)
        self._stage.mutes.orders.append(order)
        self._stage.publisher.subscriptions_changed()

    def _unmute(self) -> None:
        self._stage.mutes.orders.clear()
        self._stage.publisher.subscriptions_changed()

    def _withhold(self, order: Withhold) -> Facts:
        self._listed([order.symbol])
        stage = self._stage
        newest = stage.tape.newest[order.symbol]
        first, last = newest + 1, newest + order.ids
        stage.deliveries.withhold(order.symbol, first, last)
        if not order.rest:
            stage.catalogue.hide(order.symbol, first, last)
        before = stage.catalogue.before(order.symbol)
        return {"first_id": first - before, "last_id": last - before}

    def _repeat(self, order: Repeat) -> Facts:
        self._listed([order.symbol])
        stage = self._stage
        newest = stage.tape.newest[order.symbol]
        first = max(stage.catalogue.before(order.symbol), newest - order.last) + 1
        trades = stage.deliveries.without_withheld(order.symbol, stage.market.trades(order.symbol, first, newest))
        stage.publisher.repeat(order.symbol, trades)
        return {"sent": len(trades)}

    def _shuffle(self, order: ShuffleNext) -> None:
        self._listed([order.symbol])
        if not self._stage.deliveries.shuffle(order.symbol, Shuffle(order.within, order.count, order.seed)):
            raise FaultRefused(f"{order.symbol} is being shuffled already; clear that first.")

    def _new_ids(self, order: NewIds) -> Facts:
        self._listed([order.symbol])
        stage = self._stage
        last_id = stage.tape.newest[order.symbol] - stage.catalogue.before(order.symbol)
        stage.publisher.begin_anew(order.symbol)
        return {"last_id": last_id}

    def _message(self, order: Send) -> bytes:
        if (order.text is None) is (order.base64 is None):
            raise FaultRefused("A message is either a text or base64, one of them.")
        try:
            payload = decoded(order.base64) if order.base64 is not None else (order.text or "").encode()
        except UnicodeEncodeError as wrong:
            raise FaultRefused(f"This text is not Unicode ({wrong.reason}); send it as base64.") from None
        if order.symbol is not None:
            self._listed([order.symbol])
            stage = self._stage
            next_id = stage.tape.newest[order.symbol] - stage.catalogue.before(order.symbol) + 1
            fillings = {
                b"{symbol}": order.symbol.encode(),
                b"{lower}": order.symbol.lower().encode(),
                b"{next_id}": b"%d" % next_id,
                b"{time_ms}": b"%d" % stage.clock(),
            }
            for place, filling in fillings.items():
                payload = payload.replace(place, filling)
        if len(payload) > _MESSAGE_BYTES:
            raise FaultRefused(f"A message has at most {_MESSAGE_BYTES} bytes; a larger one is a flood.")
        return frame_head(0x82 if order.binary else 0x81, len(payload)) + payload

    def _life(self, order: Life) -> None:
        self._stage.terms.life_s = order.seconds

    def _script_rest(self, order: RestAnswer) -> None:
        if order.status in {204, 304}:
            raise FaultRefused(f"An answer with status {order.status} has no body, so it cannot be scripted.")
        if not order.path.startswith("/"):
            raise FaultRefused("A path begins with a slash, like /fapi/v1/aggTrades.")
        self._stage.rest.follow(order, _now_s())

    def _horizon(self, order: HorizonAt) -> None:
        terms = self._stage.terms
        terms.horizon_ms, terms.older = round(order.hours * 3_600_000), order.answer

    def _clear(self) -> None:
        stage = self._stage
        self._forget()
        self._links.clear()
        stage.clock.run_at(stage.start_speed)
        stage.handshakes.open()
        self._unmute()
        stage.rest.clear()
        stage.terms.restore(stage.rules)
        stage.deliveries.clear(stage.tape.newest)
        stage.catalogue.clear(stage.tape.newest)


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _plain(order: Order) -> Facts:
    plain: Facts = msgspec.to_builtins(order)
    return {name: value for name, value in plain.items() if value is not None}
