"""The plan of the connections, driven by everything that can happen to them, in any order, under a clock of its own."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from analytics.market import Ticks
from ingest.events import Decoded, MarkPrice, Trades
from ingest.link import Action, Ask, Close, Expect, Failure, Forget, Missed, Open, Release
from ingest.links import SYMBOLS_PER_CONNECTION, Links
from ingest.shard import SILENT_AFTER_MS, LinkRules

NAMES = [f"S{number}USDT" for number in range(12)]
BEAT_MS = 50
RENEW_MS = 600_000


def mark(symbol: str, event_ms: int) -> MarkPrice:
    return MarkPrice(symbol, event_ms, 1.0, 1.0, 0.0, 0)


def first_eight(symbols: tuple[str, ...]) -> tuple[str, ...]:
    """An address that names eight symbols at most."""
    return symbols[:8]


class World:
    """Does what the plan says, and remembers it. Never opens anything by itself."""

    def __init__(self, seed: int = 1, renew_after_ms: int = RENEW_MS, per_address: bool = True) -> None:
        self.now_ms = 1_000_000
        fitting = first_eight if per_address else tuple
        self.plan = Links(LinkRules("x", "/market", renew_after_ms, fitting), Random(seed), self.now_ms)
        self.opening: dict[int, set[str]] = {}
        self.live: dict[int, set[str]] = {}
        self.silent: set[int] = set()
        self.begun: list[int] = []
        self.asked_ms: dict[int, list[int]] = {}
        self.expected: dict[str, int] = {}
        self.missed: list[tuple[str, str]] = []
        self.released: list[int] = []
        self.closed: list[int] = []
        self.told_ms = 0

    def do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Open():
                    assert action.number not in {*self.opening, *self.live, *self.closed}
                    self.opening[action.number] = set(action.symbols)
                    self.begun.append(self.now_ms)
                case Close():
                    self.opening.pop(action.number, None)
                    self.live.pop(action.number, None)
                    self.closed.append(action.number)
                case Ask():
                    if action.number in self.live:
                        self.asked_ms.setdefault(action.number, []).append(self.now_ms)
                        held = self.live[action.number]
                        held.update(action.symbols) if action.wanted else held.difference_update(action.symbols)
                case Expect():
                    self.expected |= dict.fromkeys(action.symbols, self.now_ms)
                case Missed():
                    self.missed += [(symbol, action.reason) for symbol in action.symbols]
                case Forget():
                    for symbol in action.symbols:
                        del self.expected[symbol]
                case Release():
                    self.released.append(action.number)

    def beat(self) -> None:
        self.do(self.plan.due(self.now_ms))

    def pass_ms(self, milliseconds: int, *, telling: bool = True) -> None:
        """Time goes by in beats; with `telling` every connection that is not silent delivers once a second."""
        until = self.now_ms + milliseconds
        while self.now_ms < until:
            self.now_ms += BEAT_MS
            if telling and self.now_ms % 1_000 < BEAT_MS:
                self.tell_all()
            self.beat()

    def tell_all(self) -> None:
        for number, symbols in list(self.live.items()):
            if number not in self.silent:
                self.tell(number, symbols)

    def tell(self, number: int, symbols: set[str]) -> None:
        self.told_ms = self.now_ms
        self.plan.heard(number, Decoded(marks=tuple(mark(s, self.now_ms) for s in sorted(symbols))), self.now_ms)

    def open_all(self) -> None:
        for number, symbols in list(self.opening.items()):
            del self.opening[number]
            self.live[number] = symbols
            self.plan.opened(number, self.now_ms)

    def lose(self, number: int, failure: Failure) -> None:
        self.opening.pop(number, None)
        self.live.pop(number, None)
        self.do(self.plan.lost(number, failure, self.now_ms))


class Connections(RuleBasedStateMachine):
    """Whatever happens: few connections, polite to the exchange, and at last every symbol on exactly one."""

    world: World
    wanted: set[str]

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.wanted = set()

    @rule(names=st.sets(st.sampled_from(NAMES), min_size=1))
    def watch(self, names: set[str]) -> None:
        self.world.do(self.world.plan.watch(sorted(names), self.world.now_ms))
        self.wanted |= names

    @rule(names=st.sets(st.sampled_from(NAMES), min_size=1))
    def unwatch(self, names: set[str]) -> None:
        self.world.do(self.world.plan.unwatch(sorted(names)))
        self.wanted -= names

    @rule(milliseconds=st.integers(1, 20_000), telling=st.booleans())
    def wait(self, milliseconds: int, telling: bool) -> None:
        self.world.pass_ms(milliseconds, telling=telling)

    @rule()
    def beat(self) -> None:
        self.world.pass_ms(BEAT_MS)

    @rule()
    def long_wait(self) -> None:
        self.world.pass_ms(RENEW_MS)

    @rule()
    def open_all(self) -> None:
        self.world.open_all()

    @rule(status=st.sampled_from([None, 451, 403, 418, 503]))
    def opening_fails(self, status: int | None) -> None:
        for number in list(self.world.opening):
            self.world.lose(number, Failure("refused", status))

    @rule(data=st.data())
    def cut(self, data: st.DataObject) -> None:
        if self.world.live:
            self.world.lose(data.draw(st.sampled_from(sorted(self.world.live))), Failure("cut"))

    @rule(data=st.data())
    def fall_silent(self, data: st.DataObject) -> None:
        if self.world.live:
            self.world.silent.add(data.draw(st.sampled_from(sorted(self.world.live))))

    @rule()
    def announce_the_end(self) -> None:
        for number in self.world.live:
            self.world.plan.ending(number, self.world.now_ms)

    @invariant()
    def there_are_at_most_two_connections(self) -> None:
        if hasattr(self, "world"):
            assert len(self.world.opening) + len(self.world.live) <= 2

    @invariant()
    def the_exchange_is_asked_at_most_four_times_a_second(self) -> None:
        if hasattr(self, "world"):
            for moments in self.world.asked_ms.values():
                assert all(later - earlier >= 250 for earlier, later in pairwise(moments))

    @invariant()
    def nobody_is_called_in_a_frenzy(self) -> None:
        if hasattr(self, "world"):
            begun = self.world.begun
            # Any two seconds hold at most: four retries, and the renewals beside them.
            assert all(later - earlier >= 1_000 for earlier, later in zip(begun, begun[6:], strict=False))

    @invariant()
    def live_means_that_data_arrived_lately(self) -> None:
        if hasattr(self, "world"):
            for shard in self.world.plan.picture():
                if shard.link.state == "LIVE" and shard.symbols:
                    # Ten seconds of a connection, and ten of a successor that stays silent from the start.
                    assert self.world.now_ms - self.world.told_ms <= 2 * SILENT_AFTER_MS + 2 * BEAT_MS

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        world.silent.clear()
        for _ in range(700):
            world.open_all()
            world.pass_ms(1_000)
        assert set(world.expected) == self.wanted
        if not self.wanted:
            assert not world.live
            assert not world.opening
            return
        (held,) = world.live.values()
        assert held == self.wanted
        assert world.plan.summary(world.plan.picture()).state == "LIVE"


Connections.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestConnections = Connections.TestCase


def lived(seconds: int = 5, renew_after_ms: int = RENEW_MS) -> World:
    """A world with two symbols on one connection that has lived so long."""
    world = World(renew_after_ms=renew_after_ms)
    world.do(world.plan.watch(["A", "B"], world.now_ms))
    world.beat()
    world.open_all()
    world.tell_all()
    world.pass_ms(seconds * 1_000)
    return world


def state(world: World) -> str:
    return world.plan.summary(world.plan.picture()).state


def test_after_a_clean_cut_the_next_connection_is_begun_at_once() -> None:
    world = lived()
    world.lose(1, Failure("cut"))
    world.beat()
    assert list(world.opening) == [2]
    assert world.missed == [("A", "cut"), ("B", "cut")]


def test_a_server_that_drops_after_each_message_is_called_twice_a_second() -> None:
    world = lived(seconds=1)
    for _ in range(400):
        for number in list(world.live):
            world.lose(number, Failure("dropped"))
        world.pass_ms(BEAT_MS)
        world.open_all()
        world.tell_all()
    span_s = (world.begun[-1] - world.begun[1]) / 1_000
    assert 1.5 * span_s <= len(world.begun) - 2 <= 2 * span_s + 1


def test_a_silent_connection_is_replaced_after_ten_seconds() -> None:
    world = lived()
    world.silent.add(1)
    world.pass_ms(SILENT_AFTER_MS - 1_000)
    assert list(world.live) == [1]
    world.pass_ms(2_000)
    assert 1 in world.closed
    assert list(world.opening) == [2]


def test_a_location_that_is_not_served_is_asked_again_after_five_minutes() -> None:
    world = World()
    world.do(world.plan.watch(["A"], world.now_ms))
    world.beat()
    world.lose(1, Failure("not served", 451))
    assert state(world) == "BLOCKED"
    world.pass_ms(299_000)
    assert not world.opening
    while not world.opening:
        world.pass_ms(1_000)
    assert list(world.opening) == [2]
    assert world.now_ms - 1_000_000 <= 331_000


def test_an_opening_that_never_ends_is_given_up() -> None:
    world = World()
    world.do(world.plan.watch(["A"], world.now_ms))
    world.beat()
    world.pass_ms(16_000)
    assert 1 in world.closed
    assert state(world) == "OFFLINE"


def test_a_connection_that_is_open_and_never_delivers_is_mute() -> None:
    world = World()
    world.do(world.plan.watch(["A"], world.now_ms))
    world.beat()
    world.open_all()
    world.pass_ms(10_100, telling=False)
    link = world.plan.summary(world.plan.picture())
    assert (link.state, link.reason) == (
        "MUTE",
        "x has sent no data for 10 s on /market: wrong route or unknown symbol",
    )


def test_a_mute_symbol_is_asked_for_again_after_15_s_one_minute_and_five_and_nothing_else_happens() -> None:
    world = lived(renew_after_ms=100 * RENEW_MS)
    world.asked_ms.clear()
    began = world.now_ms
    for _ in range(800):
        world.now_ms += 1_000
        world.tell(1, {"A"})
        world.beat()
    moments = [(moment - began) // 1_000 for moment in world.asked_ms[1]]
    # UNSUBSCRIBE and SUBSCRIBE, each time a second apart here, for one beat was a second long.
    assert moments[::2] == pytest.approx([15, 75, 375, 675], abs=2)
    assert world.begun == [1_000_000]
    assert world.live == {1: {"A", "B"}}


def test_however_fast_symbols_come_and_go_the_exchange_is_asked_four_times_a_second() -> None:
    world = lived()
    for number in range(40):
        world.do(world.plan.watch([f"N{number}"], world.now_ms))
        world.do(world.plan.unwatch([f"N{number - 3}"]))
        world.pass_ms(BEAT_MS)
    world.pass_ms(2_000)
    moments = world.asked_ms[1]
    assert len(moments) >= 8
    assert all(later - earlier >= 250 for earlier, later in pairwise(moments))
    assert world.live == {1: {"A", "B", "N37", "N38", "N39"}}


def test_two_hundred_symbols_take_two_connections_and_leaving_them_all_takes_none() -> None:
    names = [f"N{number}" for number in range(200)]
    world = World(per_address=False)
    world.do(world.plan.watch(names, world.now_ms))
    world.beat()
    assert [len(symbols) for symbols in world.opening.values()] == [SYMBOLS_PER_CONNECTION] * 2
    world.open_all()
    world.tell_all()
    world.lose(1, Failure("cut"))
    # The other half is still live, and so is the whole; whoever asks for one symbol learns the truth.
    assert state(world) == "LIVE"
    pictures = world.plan.picture()
    assert [one.link.state for one in pictures if "N0" in one.symbols] == ["CONNECTING"]
    world.do(world.plan.unwatch(names))
    world.beat()
    assert not world.live
    assert world.plan.picture() == ()


def test_a_renewal_waits_until_the_old_connection_has_delivered_what_the_new_one_did_not() -> None:
    world = lived(renew_after_ms=10_000)
    world.plan.ending(1, world.now_ms)
    world.pass_ms(500, telling=False)
    world.open_all()
    # The new one begins at id 8, the old one has come to 6: id 7 is on its way.
    world.plan.heard(1, Decoded(trades=(trades("A", 6, world.now_ms),)), world.now_ms)
    world.plan.heard(2, Decoded(trades=(trades("A", 8, world.now_ms),)), world.now_ms)
    world.tell(2, {"A", "B"})
    world.tell(1, {"A", "B"})
    world.beat()
    assert world.released == []
    world.plan.heard(1, Decoded(trades=(trades("A", 7, world.now_ms),)), world.now_ms)
    world.beat()
    assert (world.released, world.closed) == ([2], [1])


def test_an_end_that_is_announced_before_the_first_data_is_not_forgotten() -> None:
    world = World()
    world.do(world.plan.watch(["A"], world.now_ms))
    world.beat()
    world.open_all()
    world.plan.ending(1, world.now_ms)
    world.beat()
    assert not world.opening
    world.tell_all()
    world.pass_ms(1_000)
    assert list(world.opening) == [2]


def test_a_server_whose_every_connection_is_said_to_end_is_called_twice_a_second_at_most() -> None:
    world = lived()
    for _ in range(200):
        for number in list(world.live):
            world.plan.ending(number, world.now_ms)
        world.pass_ms(BEAT_MS)
        world.open_all()
        world.tell_all()
    assert 10 <= len(world.begun) <= 2 * 10 + 2
    assert world.missed == []
    assert state(world) == "LIVE"


def trades(symbol: str, trade_id: int, event_ms: int) -> Trades:
    one = np.ones(1)
    ticks = Ticks(np.array([trade_id]), np.array([event_ms]), one, one, np.zeros(1, np.bool_))
    return Trades(symbol, "aggTrade", ticks, event_ms, np.empty(0, np.int64))
