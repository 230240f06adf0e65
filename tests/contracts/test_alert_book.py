"""What the book of alerts promises, asked of the database on disk and of its twin in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.alert_book import MOST_REMOVED_RULES, MOST_RULES, Message, Move, Pruned
from analytics.alerts import AlertRule, Condition, Standing
from analytics.errors import BadInput, UnknownName
from services.alert_book import AlertBook
from storage.alert_memory import memory_alert_store
from storage.alert_store import SqlAlertStore
from storage.kept_opening import open_kept
from tests.contracts.alert_nouns import (
    BTC_ETH,
    EVERY_FIELD,
    NOW,
    OPS,
    RULE,
    event,
    firing,
    message,
)
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture(params=["sqlite", "memory"])
def book(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[AlertBook]:
    on_disk = request.param == "sqlite"
    store = SqlAlertStore(open_kept(tmp_path / "kept.db")) if on_disk else memory_alert_store()
    made = AlertBook(store, clock)
    yield made
    made.close()


def fired(book: AlertBook, rule: AlertRule, numbers: range, source: str = "live") -> None:
    for number in numbers:
        assert book.record(rule, firing(number), [event(rule, number)], source=source)


def test_a_new_book_is_empty(book: AlertBook) -> None:
    assert (book.rules(), book.removed(), book.standings(), book.events(), book.channels()) == ((), (), {}, (), ())
    assert (book.due(NOW, 10), book.waiting_channels(), book.messages()) == ((), (), ())
    assert book.trouble is None


@pytest.mark.parametrize("rule", [RULE, EVERY_FIELD])
def test_a_rule_is_read_back_to_the_last_field(book: AlertBook, rule: AlertRule) -> None:
    added = book.add(replace(rule, id=99))
    assert added == replace(rule, id=1, created_ms=NOW)
    assert book.rules() == (added,)
    assert book.rule(1) == added


def test_a_rule_that_cannot_be_is_refused_with_its_place(book: AlertBook) -> None:
    with pytest.raises(BadInput, match="conditions"):
        book.add(replace(RULE, conditions=()))
    kept = book.add(RULE)
    for fields, told in (
        ({"hold_ms": -1}, "hold_ms"),
        ({"id": 7}, "id: an alert keeps the one"),
        ({"created_ms": 7}, "created_ms: an alert keeps"),
        ({"colour": "red"}, "colour is no field of an alert; there is name, "),
    ):
        with pytest.raises(BadInput, match=told):
            book.change(kept.id, **fields)
    assert book.rules() == (kept,)


def test_a_rule_that_is_not_there_is_named(book: AlertBook) -> None:
    book.add(RULE)
    for ask in (book.rule, book.remove, book.duplicate, book.change, book.bring_back):
        with pytest.raises(UnknownName, match="“7”"):
            ask(7)


def test_no_id_is_given_twice(book: AlertBook) -> None:
    ids = [book.add(RULE).id]
    for _ in range(3):
        book.remove(ids[-1])
        ids.append(book.add(RULE).id)
    assert ids == [1, 2, 3, 4]
    removals = [book.remove(4)]
    book.bring_back(removals[0])
    removals.append(book.remove(4))
    assert len({*removals}) == 2


def test_a_removed_rule_comes_back_as_it_stood(book: AlertBook) -> None:
    rule = book.add(EVERY_FIELD)
    book.record(rule, firing(3), source="live")
    book.record(rule, firing(1), source="demo")
    removal = book.remove(rule.id)
    assert (book.rules(), book.standings()) == ((), {})
    (removed,) = book.removed()
    assert (removed.removal, removed.rule, removed.removed_ms) == (removal, rule, NOW)
    assert book.bring_back(removal) == rule
    assert book.rules() == (rule,)
    assert (book.standings("live"), book.standings("demo")) == ({1: firing(3)}, {1: firing(1)})
    with pytest.raises(UnknownName):
        book.bring_back(removal)


def test_the_oldest_of_many_removals_are_forgotten(book: AlertBook) -> None:
    for _ in range(MOST_REMOVED_RULES + 2):
        book.remove(book.add(RULE).id)
    removals = [one.removal for one in book.removed()]
    assert removals == list(range(MOST_REMOVED_RULES + 2, 2, -1))


def test_a_copy_has_a_free_name_and_does_not_fire(book: AlertBook) -> None:
    rule = book.add(replace(EVERY_FIELD, name="x" * 60))
    first, second = book.duplicate(rule.id), book.duplicate(rule.id)
    assert [first.name, second.name] == ["x" * 56 + " (2)", "x" * 56 + " (3)"]
    assert first == replace(rule, id=2, name=first.name, active=False, snoozed_until_ms=None)
    assert book.rules() == (rule, first, second)


def test_there_is_an_end_to_the_rules(book: AlertBook) -> None:
    book.add_all([RULE] * MOST_RULES)
    with pytest.raises(BadInput, match="more than 2,000 alerts"):
        book.add(RULE)
    removal = book.remove(1)
    book.add(RULE)
    with pytest.raises(BadInput, match="more than 2,000 alerts"):
        book.bring_back(removal)
    assert len(book.rules()) == MOST_RULES
    assert len(book.removed()) == 1


def test_a_merge_adds_what_is_not_there(book: AlertBook) -> None:
    book.add(replace(RULE, active=False))
    other = replace(RULE, name="Other")
    further = replace(RULE, hold_ms=1)
    added = book.merge([RULE, other, further, other])
    assert [(one.id, one.name, one.hold_ms) for one in added] == [(2, "Other", 5_000), (3, "Far out", 1)]
    assert book.merge([RULE, other, further]) == ()
    with pytest.raises(BadInput):
        book.merge([replace(RULE, name="Good"), replace(RULE, conditions=())])
    assert len(book.rules()) == 3


def test_a_standing_is_of_a_rule_and_a_source(book: AlertBook) -> None:
    one, two = book.add(RULE), book.add(EVERY_FIELD)
    nothing = Standing("NoData", NOW, reason="the feed is stale", before=(None, 2.5))
    assert book.record(one, firing(1))
    assert book.record(two, nothing)
    assert book.record(one, Standing(), source="demo")
    assert book.standings() == {1: firing(1), 2: nothing}
    assert book.standings("demo") == {1: Standing()}
    assert book.record(one, Standing())
    assert book.standings()[1] == Standing()


def test_a_change_of_what_is_measured_forgets_what_was_seen(book: AlertBook) -> None:
    rule = book.add(RULE)
    seen = Standing("Firing", NOW, None, (True,), (2.3,), NOW, event=4, events=4, told_ms=NOW, bar_ms=NOW)
    book.record(rule, seen)
    renamed = book.change(rule.id, name="Else", snoozed_until_ms=NOW, active=False)
    assert book.standings() == {1: seen}
    book.change(rule.id, conditions=(Condition("zscore", ">", 3.0),))
    assert book.standings() == {1: replace(seen, held=(), before=(), pending_ms=None, bar_ms=None)}
    assert (renamed.name, book.rule(1).conditions[0].threshold) == ("Else", 3.0)


def test_what_was_evaluated_of_another_form_of_the_rule_is_left_out(book: AlertBook) -> None:
    rule, other, gone = book.add(RULE), book.add(EVERY_FIELD), book.add(RULE)
    book.change(rule.id, conditions=(Condition("zscore", ">", 3.0),))
    book.remove(gone.id)
    moves = [Move(one, firing(1), (event(one, 1),), (message(f"{one.id}-1-fired"),)) for one in (rule, other, gone)]
    assert book.record_all(moves) == (rule.id, gone.id)
    assert set(book.standings()) == {other.id}
    assert [one.event.id for one in book.events()] == ["2-1-fired"]
    assert [one.event_id for one in book.due(NOW, 10)] == ["2-1-fired"]
    assert not book.record(gone, firing(1))
    assert book.record_all([]) == ()


def test_an_event_is_kept_with_what_its_rule_was_then(book: AlertBook) -> None:
    rule = book.add(EVERY_FIELD)
    told = replace(event(rule, 1), held_back=True, late=True)
    book.record(rule, firing(1), [told], source="replay")
    book.change(rule.id, name="Else", query=BTC_ETH, conditions=(Condition("zscore", ">", 3.0),))
    book.remove(rule.id)
    (kept,) = book.events()
    assert kept.event == told
    assert (kept.source, kept.name, kept.query, kept.recorded_ms) == ("replay", rule.name, rule.query, NOW)


def test_the_same_event_and_message_again_change_nothing(book: AlertBook) -> None:
    rule = book.add(RULE)
    first = event(rule, 1)
    book.record(rule, firing(1), [first], [message(first.id), message(first.id, "phone")])
    book.record(rule, firing(2), [replace(first, at_ms=NOW - 1)], [Message(first.id, "ops", "{}")])
    (kept,) = book.events()
    assert kept.event == first
    assert [(one.channel, one.body) for one in book.due(NOW, 10)] == [
        ("ops", '{"id":"1-1-fired"}'),
        ("phone", '{"id":"1-1-fired"}'),
    ]
    book.record(rule, firing(1), [first], source="demo")
    assert [(one.source, one.event.id) for one in book.events()] == [("demo", first.id), ("live", first.id)]


def test_the_history_is_read_in_pages_that_nothing_moves(book: AlertBook) -> None:
    rule = book.add(RULE)
    fired(book, rule, range(1, 8))
    page = book.events(limit=3)
    assert [one.event.event for one in page] == [7, 6, 5]
    fired(book, rule, range(8, 10))
    assert [one.event.event for one in book.events(before=page[-1].row, limit=3)] == [4, 3, 2]
    assert [one.event.event for one in book.events(before=book.events()[-1].row)] == []
    for limit in (0, 10_001):
        with pytest.raises(BadInput, match="limit must be from 1 to 10,000"):
            book.events(limit=limit)


def test_the_history_is_filtered_by_rule_kind_source_and_time(book: AlertBook) -> None:
    one, two = book.add(RULE), book.add(EVERY_FIELD)
    fired(book, one, range(1, 4))
    book.record(one, Standing(), [event(one, 3, "resolved")])
    fired(book, two, range(1, 3), "demo")
    assert {kept.event.rule_id for kept in book.events(two.id)} == {two.id}
    assert [kept.event.id for kept in book.events(kind="resolved")] == ["1-3-resolved"]
    assert len(book.events(source="demo")) == 2
    times = [kept.event.at_ms for kept in book.events(one.id, since_ms=NOW + 2_000, until_ms=NOW + 3_000)]
    assert times == [NOW + 2_000]
    assert (book.count_events(), book.count_events(one.id, kind="fired"), book.count_events(source="demo")) == (6, 3, 2)
    assert book.last_fired() == {one.id: NOW + 3_000}
    assert book.last_fired("demo") == {two.id: NOW + 2_000}


def test_a_source_is_forgotten_alone(book: AlertBook) -> None:
    rule = book.add(RULE)
    fired(book, rule, range(1, 3))
    fired(book, rule, range(1, 4), "replay")
    book.forget("replay")
    assert (book.standings("replay"), book.events(source="replay")) == ({}, ())
    assert (len(book.standings()), len(book.events())) == (1, 2)


def test_history_that_is_old_or_too_long_is_forgotten_and_what_waits_is_not(book: AlertBook, clock: FakeClock) -> None:
    small = AlertBook(book._store, clock, oldest_ms=1_000_000, most_events=5)
    rule = small.add(RULE)
    for number in range(1, 8):
        small.record(rule, firing(number), [event(rule, number)], [message(f"1-{number}-fired")])
    small.sent([1, 2, 3, 4, 5, 6], "202")
    assert small.prune() == Pruned(events=2, messages=1)
    assert [one.event.event for one in small.events()] == [7, 6, 5, 4, 3]
    clock.pass_ms(1_000_001)
    assert small.prune() == Pruned(events=5, messages=5)
    assert [one.event_id for one in small.messages()] == ["1-7-fired"]
    assert small.prune() == Pruned()
    # The number goes on, so a cursor and an id mean one row for ever.
    small.record(rule, firing(8), [event(rule, 8)])
    assert small.events()[0].row == 8


def test_a_book_in_use_prunes_itself_now_and_then(book: AlertBook, clock: FakeClock) -> None:
    small = AlertBook(book._store, clock, most_events=2)
    rule = small.add(RULE)
    fired(small, rule, range(1, 6))
    assert len(small.events()) == 5
    clock.pass_ms(3_600_000)
    fired(small, rule, range(6, 7))
    assert [one.event.event for one in small.events()] == [6, 5]


def test_a_book_in_use_prunes_a_part_at_a_time(book: AlertBook, clock: FakeClock) -> None:
    rule = book.add(RULE)
    book.record(rule, firing(1), [event(rule, number) for number in range(1, 1_203)])
    small = AlertBook(book._store, clock, most_events=2)
    held = []
    for number in range(1_203, 1_208):
        small.record(rule, firing(number), [event(rule, number)])
        held.append(small.count_events())
    assert held == [703, 204, 2, 3, 4]


def test_the_version_grows_with_every_change_and_with_nothing_else(book: AlertBook) -> None:
    rule = book.add(RULE)
    of_rules: tuple[Callable[[], object], ...] = (
        lambda: book.change(rule.id, name="Else"),
        lambda: book.bring_back(book.remove(rule.id)),
        lambda: book.duplicate(rule.id),
    )
    of_others: tuple[Callable[[], object], ...] = (
        lambda: book.record(book.rule(rule.id), firing(1)),
        lambda: book.put_channel(OPS),
        lambda: book.post([message("e")]),
        lambda: book.sent([1], "202"),
        lambda: book.failed([1], "500", None),
        lambda: book.remove_channel("ops"),
    )
    for change in of_rules:
        before = (book.version, book.rules_version)
        change()
        assert book.version > before[0]
        assert book.rules_version > before[1]
    for quiet_change in of_others:
        before = (book.version, book.rules_version)
        quiet_change()
        assert book.version > before[0]
        assert book.rules_version == before[1]
    before = (book.version, book.rules_version)
    for ask in (book.rules, book.events, book.standings, book.channels, book.removed):
        ask()
    assert (book.version, book.rules_version) == before


def test_changes_made_at_the_same_time_all_count(book: AlertBook) -> None:
    rule = book.add(RULE)

    def work(name: str) -> None:
        for number in range(8):
            book.add(replace(RULE, name=f"{name}{number}"))
            told = replace(event(rule, 1), id=f"{name}-{number}")
            book.record(rule, firing(1), [told], [message(told.id)])

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(book.rules()), len(book.events()), len(book.due(NOW, 100))) == (25, 24, 24)
    assert len({one.id for one in book.rules()}) == 25
