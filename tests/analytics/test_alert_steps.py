"""How a rule moves on: edges, hysteresis, time, silence and bad data; and the laws that hold for any path."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alert_document import standing_fields, standing_of
from analytics.alert_steps import HOUR_MS, forgetting, step, worth_keeping
from analytics.alerts import AlertEvent, AlertRule, Condition, Operator, Reading, Standing
from tests.analytics.alert_paths import START_MS, Z, path, reading, readings, rule, rules, told, walked
from tests.analytics.markets import law

ABOVE = Condition("zscore", "crosses_above", 2.0, leave=1.5)


def words(of: AlertRule, readings: tuple[Reading, ...]) -> list[str]:
    standing = Standing()
    found: list[str] = []
    for one in readings:
        standing, _ = step(of, standing, one)
        found.append(standing.word)
    return found


def test_trembling_about_the_threshold_fires_once() -> None:
    _, events = walked(rule(), path(1.0, 2.1, 1.9, 2.2, 1.6, 2.0, 1.4, 1.6))
    assert told(events) == [("fired", 1), ("resolved", 6)]
    assert [one.id for one in events] == ["7-1-fired", "7-1-resolved"]


def test_an_event_keeps_what_it_was_told_by() -> None:
    _, (event,) = walked(rule(), (reading(0, 2.5, version=41),))
    assert (event.values, event.version, event.conditions) == ({Z: 2.5}, 41, rule().conditions)


@pytest.mark.parametrize(
    ("operator", "threshold", "inside", "at", "beyond"),
    [(">", 2.0, 1.9, 2.0, 2.1), ("<", -2.0, -1.9, -2.0, -2.1)],
)
def test_a_strict_comparison_leaves_its_own_level_out(
    operator: Operator, threshold: float, inside: float, at: float, beyond: float
) -> None:
    _, events = walked(rule(Condition("zscore", operator, threshold)), path(inside, at, beyond, at, inside))
    assert told(events) == [("fired", 2), ("resolved", 3)]


@pytest.mark.parametrize(("operator", "sign"), [(">=", 1.0), ("<=", -1.0), ("abs>=", 1.0), ("abs>=", -1.0)])
def test_the_others_hold_at_their_level(operator: Operator, sign: float) -> None:
    threshold = 2.0 if operator == "abs>=" else 2.0 * sign
    leave = 1.5 if operator == "abs>=" else 1.5 * sign
    scores = [sign * size for size in (1.9, 2.0, 1.5, 1.4)]
    _, events = walked(rule(Condition("zscore", operator, threshold, leave)), path(*scores))
    assert told(events) == [("fired", 1), ("resolved", 3)]


def test_a_jump_from_one_side_to_the_other_is_one_event() -> None:
    _, events = walked(rule(), path(0.0, 2.5, -2.5, 0.0))
    assert told(events) == [("fired", 1), ("resolved", 3)]


def test_a_first_value_never_crosses() -> None:
    standing, events = walked(rule(ABOVE), path(2.5, 2.6, 1.9, 2.1, 1.6, 2.2, 1.4))
    assert told(events) == [("fired", 3), ("resolved", 6)]
    _, again = walked(rule(ABOVE), (reading(7, 2.0),), standing)
    assert told(again) == [("fired", 7)]


def test_a_crossing_down_is_the_mirror_of_one_up() -> None:
    down = Condition("zscore", "crosses_below", -2.0, leave=-1.5)
    _, up = walked(rule(ABOVE), path(1.0, 2.0, 1.7, 1.4, 2.2))
    _, mirrored = walked(rule(down), path(-1.0, -2.0, -1.7, -1.4, -2.2))
    assert told(mirrored) == told(up) == [("fired", 1), ("resolved", 3), ("fired", 4)]


def test_a_crossing_comes_from_beyond_its_threshold_and_not_from_it() -> None:
    _, events = walked(rule(ABOVE), path(2.0, 2.1, 1.9, 2.0))
    assert told(events) == [("fired", 3)]


def test_without_leave_a_crossing_ends_at_its_threshold() -> None:
    _, events = walked(rule(Condition("zscore", "crosses_above", 2.0)), path(1.0, 2.0, 1.9))
    assert told(events) == [("fired", 1), ("resolved", 2)]


def test_a_crossing_over_a_time_without_data_counts_by_the_last_value_seen() -> None:
    _, events = walked(rule(ABOVE), path(1.0, None, None, 2.1))
    assert told(events) == [("fired", 3)]


def test_of_any_a_crossing_is_told_by_the_last_value_seen_also_while_another_fires() -> None:
    of = rule(ABOVE, Condition("spread", ">", 5.0), join="any")
    spread: Any = {("spread", None): 9.0}
    calm: Any = {("spread", None): 1.0}
    seen = (
        Reading(START_MS, {Z: 1.0} | calm),
        Reading(START_MS + 1_000, spread),
        Reading(START_MS + 2_000, {Z: 2.1} | calm),
        Reading(START_MS + 3_000, {Z: 1.0} | calm),
    )
    assert told(walked(of, seen)[1]) == [("fired", 1), ("resolved", 3)]


def test_all_and_any_join_the_conditions() -> None:
    both = (Condition("zscore", ">", 2.0), Condition("correlation", "<", 0.5))

    def told_of(join: str, z: float, correlation: float) -> int:
        values: Any = {Z: z, ("correlation", None): correlation}
        return len(walked(rule(*both, join=join), (Reading(START_MS, values),))[1])

    assert [told_of("all", 2.5, r) for r in (0.4, 0.6)] == [1, 0]
    assert [told_of("any", z, r) for z, r in ((2.5, 0.6), (1.0, 0.4), (1.0, 0.6))] == [1, 1, 0]


def test_of_any_a_known_yes_is_enough_and_of_all_nothing_is_known() -> None:
    both = (Condition("zscore", ">", 2.0), Condition("funding", ">", 5.0))
    standing, events = walked(rule(*both, join="any"), path(2.5))
    assert (standing.word, len(events)) == ("Firing", 1)
    standing, events = walked(rule(*both, join="any"), path(1.5))
    assert (standing.word, standing.reason, events) == ("NoData", "funding has no value", [])
    standing, events = walked(rule(*both), path(1.5))
    assert (standing.word, events) == ("NoData", [])


def test_it_must_hold_for_its_time_by_the_exchanges_clock() -> None:
    of = rule(hold_ms=3_000)
    assert words(of, path(2.1, 2.1, 1.0, 2.1, 2.1, 2.1, 2.1)) == [
        *["Pending"] * 2,
        "Normal",
        *["Pending"] * 3,
        "Firing",
    ]
    _, events = walked(of, path(2.1, 2.1, 1.0, 2.1, 2.1, 2.1, 2.1))
    assert told(events) == [("fired", 6)]


def test_a_time_without_data_does_not_count_as_held() -> None:
    of = rule(hold_ms=3_000)
    _, events = walked(of, path(2.1, 2.1, None, None, None, 2.1, 2.1, 2.1))
    assert told(events) == [("fired", 7)]


def test_nor_does_a_time_of_errors() -> None:
    failed = (reading(1, 2.1, error="there is no BTCUSD"), reading(2, 2.1, error="there is no BTCUSD"))
    seen = (*path(2.1), *failed, reading(3, 2.1), reading(5, 2.1), reading(6, 2.1))
    assert told(walked(rule(hold_ms=3_000), seen)[1]) == [("fired", 6)]


def test_rest_begins_when_an_event_ends() -> None:
    of = rule(cooldown_ms=3_000)
    _, events = walked(of, path(2.1, 1.0, 2.1, 2.1, 2.1, 1.0))
    assert told(events) == [("fired", 0), ("resolved", 1), ("fired", 4), ("resolved", 5)]


def test_what_stays_open_is_told_again() -> None:
    _, events = walked(rule(repeat_ms=2_000), path(2.1, 2.1, 2.1, None, None, 2.1, 1.0))
    assert told(events) == [("fired", 0), ("repeated", 2), ("repeated", 5), ("resolved", 6)]
    assert events[1].id == f"7-1-repeated-{START_MS + 2_000}"


def test_a_snoozed_rule_opens_nothing_and_tells_what_still_holds_afterwards() -> None:
    of = rule(snoozed_until_ms=START_MS + 4_000, repeat_ms=1_000)
    _, events = walked(of, path(2.1, 1.0, 2.1, 2.1, 2.1))
    assert told(events) == [("fired", 4)]


def test_what_ends_while_snoozed_is_resolved_at_its_time_for_the_digest() -> None:
    standing, _ = walked(rule(repeat_ms=1_000), path(2.1))
    snoozed = rule(repeat_ms=1_000, snoozed_until_ms=START_MS + 9_000)
    _, events = walked(snoozed, path(2.1, 2.1, 2.1, 1.0), standing)
    assert [(one.kind, one.held_back) for one in events] == [("resolved", True)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"active": False}, "the alert was switched off"), ({"expires_ms": START_MS + 1}, "the alert has expired")],
)
def test_what_is_over_resolves_what_is_open_and_says_why(changes: dict[str, Any], reason: str) -> None:
    standing, _ = walked(rule(), path(2.1))
    over = rule(**changes)
    after, events = walked(over, (reading(5, 2.2), reading(6, 2.2)), standing)
    assert [(one.kind, one.reason) for one in events] == [("resolved", reason)]
    assert (after.word, after.event, after.held, after.pending_ms) == ("Normal", 0, (), None)


def test_a_rule_expires_at_its_moment() -> None:
    _, events = walked(rule(expires_ms=START_MS + 1_000), path(2.1, 2.1))
    assert told(events) == [("fired", 0), ("resolved", 1)]
    assert walked(rule(expires_ms=START_MS), path(2.1))[1] == []


def test_what_is_over_ends_also_without_data() -> None:
    standing, _ = walked(rule(), path(2.1))
    _, events = walked(rule(active=False), (reading(5, None, unfit="BTCUSDT is STALE"),), standing)
    assert told(events) == [("resolved", 5)]


def test_bad_data_say_so_and_leave_an_open_event_open() -> None:
    standing, _ = walked(rule(), path(2.1))
    stale, events = walked(rule(), (reading(1, 0.0, unfit="BTCUSDT is STALE"),), standing)
    assert (stale.word, stale.reason, stale.event, events) == ("NoData", "BTCUSDT is STALE", 1, [])
    failed, events = walked(rule(), (reading(2, 0.0, error="there is no BTCUSD"),), stale)
    assert (failed.word, failed.reason, failed.event, events) == ("Error", "there is no BTCUSD", 1, [])
    back, events = walked(rule(), (reading(3, 1.9),), failed)
    assert (back.word, back.reason, events) == ("Firing", None, [])
    assert back.since_ms == START_MS + 3_000


def test_a_rule_of_the_feed_is_told_also_when_the_data_are_not_well() -> None:
    dead: Any = {("tick_age", None): 6_000.0}
    standing, events = walked(
        rule(Condition("tick_age", ">", 5_000.0)), (Reading(START_MS, dead, unfit="BTCUSDT is STALE"),)
    )
    assert (standing.word, len(events)) == ("Firing", 1)


def test_time_never_runs_backwards() -> None:
    standing, _ = walked(rule(), path(2.1, 2.1, 2.1))
    assert step(rule(), standing, reading(1, 0.0)) == (standing, ())


def test_trades_of_one_millisecond_are_all_judged() -> None:
    assert told(walked(rule(), path(1.0, 2.1, 1.0, every_s=0.0))[1]) == [("fired", 0), ("resolved", 0)]


def test_after_a_time_without_data_its_own_rows_are_still_judged() -> None:
    standing, _ = walked(rule(), (*path(1.0), reading(9, None, unfit="a hole is being filled")))
    _, events = walked(rule(), (reading(4, 2.1, late=True), reading(5, 1.0, late=True), reading(10, 1.0)), standing)
    assert [(one.kind, one.late) for one in events] == [("fired", True), ("resolved", True)]


def test_a_closed_bar_is_judged_once() -> None:
    of = rule(evaluation="bar_close")
    bar = START_MS - 1_000
    seen = (reading(0, 1.0, bar_ms=bar), reading(0.4, 2.5, bar_ms=bar), reading(1, 2.4, bar_ms=bar + 1_000))
    standing, events = walked(of, seen)
    assert told(events) == [("fired", 1)]
    assert standing.bar_ms == bar + 1_000
    assert walked(of, (reading(0, 2.5),))[1] == []


def test_more_than_the_most_per_hour_are_kept_for_the_digest() -> None:
    scores = [2.1, 1.0] * 4
    standing, events = walked(rule(most_per_hour=2), path(*scores))
    assert [one.held_back for one in events] == [False] * 4 + [True] * 4
    for after_s, held_back in ((3_599, True), (3_600, False)):
        _, later = walked(rule(most_per_hour=2), (reading(after_s, 2.1),), standing)
        assert [one.held_back for one in later] == [held_back]


def test_a_changed_rule_judges_what_is_open_anew() -> None:
    standing, _ = walked(rule(), path(2.2))
    higher = rule(Condition("zscore", "abs>=", 3.0, leave=2.0))
    _, events = walked(higher, (reading(1, 2.2),), forgetting(standing))
    assert told(events) == [("resolved", 1)]
    same, events = walked(rule(), (reading(1, 2.2),), forgetting(standing))
    assert (same.word, same.event, events) == ("Firing", 1, [])
    assert step(higher, forgetting(standing), reading(-1, 2.2)) == (forgetting(standing), ())


def test_a_standing_is_worth_keeping_when_more_than_its_clock_has_moved() -> None:
    before, _ = walked(rule(), path(1.0))
    quiet, _ = walked(rule(), (reading(1, 1.2),), before)
    fired, _ = walked(rule(), (reading(2, 2.2),), quiet)
    assert not worth_keeping(before, quiet)
    assert worth_keeping(quiet, fired)


@law
@given(rules(), readings())
def test_at_most_one_event_is_open(of: AlertRule, seen: tuple[Reading, ...]) -> None:
    standing, opened = Standing(), 0
    for one in seen:
        standing, events = step(of, standing, one)
        for event in events:
            opened += {"fired": 1, "resolved": -1, "repeated": 0}[event.kind]
            assert opened in {0, 1}
        assert bool(standing.event) == bool(opened)
        assert standing.word != "Firing" or standing.event


@law
@given(rules(), readings())
def test_every_event_has_a_name_of_its_own_and_resolves_what_was_opened(
    of: AlertRule, seen: tuple[Reading, ...]
) -> None:
    _, events = walked(of, seen)
    assert len({one.id for one in events}) == len(events)
    assert [one.event for one in events if one.kind == "fired"] == list(
        range(1, sum(one.kind == "fired" for one in events) + 1)
    )
    numbers = [one.event for one in events]
    assert numbers == sorted(numbers)


@law
@given(rules(), readings(), st.integers(0, 40))
def test_a_restart_at_any_point_changes_nothing(of: AlertRule, seen: tuple[Reading, ...], cut: int) -> None:
    before, first = walked(of, seen[:cut])
    reopened = standing_of(standing_fields(before))
    after, second = walked(of, seen[cut:], reopened)
    assert (after, first + second) == walked(of, seen)


@law
@given(rules(), readings())
def test_a_standing_not_kept_comes_again_from_the_readings_since(of: AlertRule, seen: tuple[Reading, ...]) -> None:
    """A crash loses at most what was not worth keeping; the rows since then bring the same again."""
    kept, since = Standing(), 0
    now = Standing()
    for at, one in enumerate(seen):
        now, events = step(of, now, one)
        if events or worth_keeping(kept, now):
            kept, since = now, at + 1
    assert walked(of, seen[since:], kept) == (now, [])


@law
@given(rules(), readings())
def test_bad_data_neither_open_nor_resolve(of: AlertRule, seen: tuple[Reading, ...]) -> None:
    standing = Standing()
    for one in seen:
        after, events = step(of, standing, one)
        if after.word in {"NoData", "Error"}:
            assert events == ()
            assert after.event == standing.event
            assert after.reason
        standing = after


@law
@given(rules(), readings())
def test_the_rest_and_the_limit_hold(of: AlertRule, seen: tuple[Reading, ...]) -> None:
    _, events = walked(of, seen)
    for before, after in pairwise([one for one in events if one.kind != "repeated"]):
        if after.kind == "fired":
            assert after.at_ms - before.at_ms >= of.cooldown_ms
    if of.most_per_hour is not None:
        at_once = [one.at_ms for one in events if one.kind == "fired" and not one.held_back]
        for at_ms in at_once:
            assert sum(at_ms - HOUR_MS < other <= at_ms for other in at_once) <= of.most_per_hour


@law
@given(st.lists(st.floats(1.5, 3.0), max_size=40))
def test_chatter_within_the_hysteresis_fires_once(scores: list[float]) -> None:
    _, events = walked(rule(), path(2.5, *scores))
    assert told(events) == [("fired", 0)]


@law
@given(rules(), readings())
def test_an_event_comes_at_the_time_of_its_reading_and_in_order(of: AlertRule, seen: tuple[Reading, ...]) -> None:
    events: list[AlertEvent] = walked(replace(of, expires_ms=None, active=True), seen)[1]
    assert [one.at_ms for one in events] == sorted(one.at_ms for one in events)
    assert {one.at_ms for one in events} <= {one.at_ms for one in seen}
