"""The session as a table of what arrives and what follows."""

import numpy as np

from ingest.binance import decode
from ingest.events import FeedEvent, GapSeen, Halted, NewTicks
from ingest.sequence import Cursor
from ingest.session import FeedSession
from tests.ingest.wire import agg_trade, combined, mark_price


def feed(
    session: FeedSession, *events: dict[str, object], arrival_ms: int = 50, wall_ms: int = 2_000
) -> list[FeedEvent]:
    return session.received(decode(combined(*events)), arrival_ms=arrival_ms, wall_ms=wall_ms)


def started(cursor: Cursor | None = None) -> FeedSession:
    session = FeedSession({"BTCUSDT": cursor} if cursor else {})
    session.requested(["BTCUSDT", "ETHUSDT"], now_ms=0)
    return session


def test_first_trades_arrive_whole_and_without_a_gap() -> None:
    (event,) = feed(started(), agg_trade(7), agg_trade(8))
    assert isinstance(event, NewTicks)
    np.testing.assert_array_equal(event.ticks.trade_id, [7, 8])
    assert not event.late


def test_after_a_restart_the_missed_ids_are_a_gap_with_its_cause() -> None:
    gap, ticks = feed(started(Cursor(5, 900_000)), agg_trade(8))
    assert isinstance(gap, GapSeen)
    assert (gap.gap.first_id, gap.gap.last_id, gap.gap.cause, gap.gap.opened_at_ms) == (6, 7, "not running", 2_000)
    assert isinstance(ticks, NewTicks)


def test_the_cause_of_a_gap_is_what_went_before_it() -> None:
    session = started()
    feed(session, agg_trade(1))
    (gap, _) = feed(session, agg_trade(3))
    assert isinstance(gap, GapSeen)
    assert gap.gap.cause == "skipped by the exchange"
    session.dropped("connection closed (1006)")
    (gap, _) = feed(session, agg_trade(9))
    assert isinstance(gap, GapSeen)
    assert gap.gap.cause == "connection closed (1006)"


def test_a_row_that_comes_late_fills_its_hole() -> None:
    session = started()
    feed(session, agg_trade(1))
    feed(session, agg_trade(3))
    (event,) = feed(session, agg_trade(2))
    assert isinstance(event, NewTicks)
    assert event.late
    assert feed(session, agg_trade(2)) == []


def test_a_price_far_from_the_mark_is_quarantined_and_leaves_its_id_open() -> None:
    session = started()
    feed(session, agg_trade(1, "100"), mark_price("100"))
    assert feed(session, agg_trade(2, "1000")) == []
    gap, _ = feed(session, agg_trade(3, "101"))
    assert isinstance(gap, GapSeen)
    assert (gap.gap.first_id, gap.gap.last_id) == (2, 2)
    assert session.facts["BTCUSDT"].quarantined == 1


def test_a_trade_from_the_future_or_from_long_ago_is_quarantined() -> None:
    session = started()
    feed(session, agg_trade(1, time_ms=10_000_000))
    future = agg_trade(2, time_ms=10_000_000) | {"T": 10_000_000 + 120_000}
    past = agg_trade(3, time_ms=10_000_000) | {"T": 10_000_000 - 7_200_000}
    assert feed(session, future, past) == []
    assert session.facts["BTCUSDT"].quarantined == 2


def test_ids_that_start_again_halt_their_symbol_only() -> None:
    session = started(Cursor(1_000, 1_000_000))
    halted, _ = feed(session, agg_trade(5, time_ms=2_000_000), agg_trade(9, symbol="ETHUSDT"))
    assert isinstance(halted, Halted)
    assert feed(session, agg_trade(1_001, time_ms=2_000_000)) == []
    assert feed(session, agg_trade(10, symbol="ETHUSDT")) != []


def test_facts_tell_age_lag_and_last_price() -> None:
    session = started()
    feed(session, agg_trade(1, "100.5", time_ms=1_000_000), arrival_ms=70, wall_ms=1_000_023)
    facts = session.facts["BTCUSDT"]
    assert (facts.last_arrival_ms, facts.last_price, facts.trades) == (70, 100.5, 1)
    # The event says 1 000 003 and arrived at 70 of the monotonic clock.
    assert facts.event_offset_ms == 70 - 1_000_003


def test_the_message_rate_fades_when_nothing_comes() -> None:
    session = started()
    for number in range(1, 201):
        feed(session, agg_trade(number), arrival_ms=number * 100)
    facts = session.facts["BTCUSDT"]
    assert 9 < facts.messages_per_s(20_000) < 11
    assert facts.messages_per_s(60_000) < 0.01


def test_a_row_from_far_in_the_future_cannot_make_the_honest_ones_look_old() -> None:
    session = started()
    feed(session, agg_trade(1, time_ms=1_000_000), wall_ms=1_000_000)
    year_ms = 365 * 86_400_000
    assert feed(session, agg_trade(2, time_ms=1_000_000 + year_ms), wall_ms=1_000_000) == []
    (event,) = [e for e in feed(session, agg_trade(3, time_ms=1_000_100)) if isinstance(e, NewTicks)]
    np.testing.assert_array_equal(event.ticks.trade_id, [3])


def test_a_symbol_that_nobody_asked_for_is_set_aside() -> None:
    session = started()
    assert feed(session, agg_trade(1, symbol="XRPUSDT"), mark_price("1", symbol="XRPUSDT")) == []
    assert "XRPUSDT" not in session.facts
    assert session.refused_total == 1


def test_a_symbol_that_is_left_and_taken_up_again_goes_on_from_its_last_id() -> None:
    session = started()
    feed(session, agg_trade(1))
    session.forget(["BTCUSDT"])
    assert "BTCUSDT" not in session.facts
    # What was on its way is neither taken nor held against the exchange.
    assert feed(session, agg_trade(2)) == []
    assert session.refused_total == 0
    session.requested(["BTCUSDT"], now_ms=90)
    session.dropped("connection closed (1006)")
    gap, ticks = feed(session, agg_trade(4))
    assert isinstance(gap, GapSeen)
    assert (gap.gap.first_id, gap.gap.last_id, gap.gap.cause) == (2, 3, "not watched")
    assert isinstance(ticks, NewTicks)


def test_a_dropped_connection_is_the_cause_for_its_own_symbols_only() -> None:
    session = started()
    feed(session, agg_trade(1), agg_trade(1, symbol="ETHUSDT"))
    session.dropped("cut", ["ETHUSDT"])
    gaps = [e.gap for e in feed(session, agg_trade(3), agg_trade(3, symbol="ETHUSDT")) if isinstance(e, GapSeen)]
    assert {gap.symbol: gap.cause for gap in gaps} == {"BTCUSDT": "skipped by the exchange", "ETHUSDT": "cut"}


YEAR_MS = 365 * 86_400_000
NOW_MS = 1_700_000_000_000


def kept(session: FeedSession, *events: dict[str, object], wall_ms: int = NOW_MS) -> list[int]:
    """The ids that are taken of these events."""
    taken = [e.ticks.trade_id for e in feed(session, *events, wall_ms=wall_ms) if isinstance(e, NewTicks)]
    return [] if not taken else np.concatenate(taken).tolist()


def test_a_first_trade_from_far_in_the_future_is_refused_and_the_honest_ones_behind_it_are_taken() -> None:
    absurd = agg_trade(1, time_ms=NOW_MS + YEAR_MS)
    session = started()
    assert kept(session, absurd) == []
    assert kept(session, agg_trade(2, time_ms=NOW_MS), agg_trade(3, time_ms=NOW_MS + 1)) == [2, 3]
    # In one read with honest ones, it takes none of them along.
    session = started()
    assert kept(session, absurd, agg_trade(2, time_ms=NOW_MS)) == [2]
    assert session.facts["BTCUSDT"].quarantined == 1


def test_a_first_trade_from_long_before_its_own_event_is_refused() -> None:
    session = started()
    old = agg_trade(1, time_ms=NOW_MS) | {"T": NOW_MS - 2 * 3_600_000}
    assert kept(session, old, agg_trade(2, time_ms=NOW_MS)) == [2]


def test_an_absurd_event_time_does_not_let_an_absurd_price_in() -> None:
    session = started()
    feed(session, mark_price("100", time_ms=NOW_MS), wall_ms=NOW_MS)
    spike = agg_trade(1, "1000", time_ms=NOW_MS)
    honest = agg_trade(2, "100", time_ms=NOW_MS) | {"E": NOW_MS + YEAR_MS}
    assert kept(session, spike, honest) == [2]


def test_a_wall_clock_that_is_years_behind_loses_nothing_once_the_mark_price_speaks() -> None:
    session = started()
    feed(session, mark_price("63943.9", time_ms=NOW_MS), wall_ms=NOW_MS - 20 * YEAR_MS)
    assert kept(session, agg_trade(1, time_ms=NOW_MS), wall_ms=NOW_MS - 20 * YEAR_MS) == [1]


def test_a_wall_clock_that_steps_an_hour_changes_nothing() -> None:
    def run(step_ms: int) -> list[FeedEvent]:
        session = started()
        events: list[FeedEvent] = []
        for number in range(1, 50):
            wall_ms = NOW_MS + number * 1_000 + (step_ms if number > 20 else 0)
            events += feed(session, agg_trade(number, time_ms=NOW_MS + number * 1_000), wall_ms=wall_ms)
        return events

    straight = [e.ticks.trade_id.tolist() for e in run(0) if isinstance(e, NewTicks)]
    for step_ms in (-3_600_000, 3_600_000):
        stepped = run(step_ms)
        assert [e.ticks.trade_id.tolist() for e in stepped if isinstance(e, NewTicks)] == straight
        assert len(stepped) == len(straight)
