"""Alerting over a scripted market: what is judged, told, written down, and said of what cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from analytics.alert_channels import Channel, SecretText
from analytics.alert_record import TrackRecord
from analytics.alerts import Condition
from analytics.errors import BadInput, StoreError, UnknownName
from analytics.market import PairParams, PairQuery
from analytics.results import Unavailable
from services.alert_state import CLOCKS_WITHIN_MS
from services.desk import Desk
from services.keeping import Keeping
from services.market import Market
from storage.kept_memory import MemoryKeptStore
from tests.fakes import wait_until
from tests.services.alerting_case import QUERY, AlertCase, alert_case, rule
from tests.services.scripted import PAIR

HOOK = Channel("desk", "webhook", SecretText("https://hooks.example.com/one"))


def test_a_rule_fires_once_and_is_resolved_and_says_so_everywhere() -> None:
    with alert_case() as case:
        alerting, since = case.alerting, case.alerting.news().upto
        alerting.add(rule())
        case.trade(209.0)
        assert case.word() == "Normal"
        before = alerting.version
        for price in (211.0, 206.0, 212.0):
            case.trade(price)
        assert case.word() == "Firing"
        assert alerting.firing() == 1
        assert alerting.version > before
        case.trade(204.0)
        assert case.told() == [("fired", "1-1-fired"), ("resolved", "1-1-resolved")]
        news = alerting.news(since)
        assert [one.event.kind for one in news.told] == ["fired", "resolved"]
        assert news.told[0].text.startswith("BTC/ETH price 211 is above 210 (rule “high”)")
        assert alerting.news(news.upto) == replace(news, told=())
        row = alerting.row(1)
        assert row.values == {("price", None): 204.0}
        assert row.last_fired_ms == news.told[0].event.at_ms


def test_nothing_changes_while_nothing_trades() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        case.trade(209.0)
        before = case.alerting.version
        for _ in range(5):
            case.alerting.beat()
        assert case.alerting.version == before


def test_a_stale_feed_is_no_data_with_its_reason_and_a_rule_of_the_feed_fires() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        case.alerting.add(replace(rule(Condition("tick_age", ">", 5_000.0)), name="dead feed"))
        case.trade(209.0)
        assert (case.word(1), case.word(2)) == ("Normal", "Normal")
        case.clock.pass_ms(6_000)
        case.alerting.beat()
        assert (case.word(1), case.word(2)) == ("NoData", "Firing")
        assert case.alerting.row(1).standing.reason is not None
        case.trade(209.0)
        assert (case.word(1), case.word(2)) == ("Normal", "Normal")


def test_too_few_bars_are_no_data_that_says_how_many() -> None:
    with alert_case() as case:
        case.alerting.add(rule(Condition("zscore", "abs>=", 2.0)))
        case.trade(200.0)
        assert case.word() == "NoData"
        assert case.alerting.row(1).missing == {("zscore", None): "11 of 100 bars"}


def test_a_pair_that_cannot_be_followed_is_an_error_of_its_own_rule() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        case.alerting.add(rule(query=PairQuery("BTCUSDT", "NONEUSDT", QUERY.params)))
        case.trade(211.0)
        assert (case.word(1), case.word(2)) == ("Firing", "Error")
        assert "NONEUSDT is not listed" in (case.alerting.row(2).standing.reason or "")


def test_a_rule_keeps_its_legs_and_they_cannot_be_taken_away() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        with pytest.raises(BadInput, match="the alert “high” watches BTCUSDT; switch it off"):
            case.desk.unwatch("BTCUSDT")


def test_switched_off_resolves_what_is_open_and_switched_on_judges_anew() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        case.trade(211.0)
        assert case.alerting.toggle(1).active is False
        assert case.told() == [("fired", "1-1-fired"), ("resolved", "1-1-resolved")]
        assert case.alerting.events()[0].event.reason == "the alert was switched off"
        case.trade(212.0)
        assert case.alerting.firing() == 0
        case.alerting.toggle(1, active=True)
        case.trade(212.0)
        assert case.told()[-1] == ("fired", "1-2-fired")


def test_a_removed_rule_is_resolved_and_comes_back() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        case.trade(211.0)
        removal = case.alerting.remove(1)
        assert case.told()[-1] == ("resolved", "1-1-resolved")
        assert case.alerting.rows() == ()
        assert case.alerting.bring_back(removal).active
        case.trade(212.0)
        assert case.told()[-1] == ("fired", "1-2-fired")
        with pytest.raises(UnknownName):
            case.alerting.remove(9)


def test_an_expired_rule_is_resolved_and_stays_quiet() -> None:
    with alert_case() as case:
        case.alerting.add(rule(expires_ms=case.now_ms + 2_500))
        for price in (211.0, 212.0, 213.0, 214.0):
            case.trade(price)
        assert case.told() == [("fired", "1-1-fired"), ("resolved", "1-1-resolved")]
        assert case.alerting.events()[0].event.reason == "the alert has expired"


def test_messages_go_into_the_outbox_with_the_event() -> None:
    with alert_case() as case:
        case.alerting.put_channel(HOOK)
        case.alerting.add(rule(channels=("DESK",)))
        case.trade(211.0)
        (row,) = case.alerting.deliveries(("1-1-fired",))["1-1-fired"]
        assert (row.channel, row.state) == ("desk", "WAITING")
        assert '"type": "alert.fired"' in row.body


def test_on_bar_close_each_bar_is_judged_by_its_own_close() -> None:
    with alert_case() as case:
        closing = PairQuery(*PAIR, PairParams(window_bars=20, timeframe=QUERY.params.timeframe))
        case.alerting.add(rule(query=closing, evaluation="bar_close"))
        case.trade(220.0, after_ms=1_000)  # this bar closes lower, so it never counts
        case.trade(200.0, after_ms=500)
        case.trade(201.0, after_ms=1_000)
        case.trade(202.0, after_ms=1_000)
        assert case.told() == []
        case.trade(230.0)
        case.trade(231.0)
        case.trade(232.0)
        assert [kind for kind, _ in case.told()] == ["fired"]


def again(case: AlertCase) -> Desk:
    """The same market and the same kept rules, judged by a process that has just started."""
    keeping = Keeping(MemoryKeptStore(), case.clock, PAIR, case.desk.alert_book)
    desk = Desk(case.clock, PAIR, keeping)
    market, _ = case.desk._running()
    assert market is not None
    desk.open(market)
    case.alerting = desk.alerting
    return desk


def test_a_restart_fires_nothing_again() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        case.trade(211.0)
        case.alerting.stop()
        again(case)
        case.trade(212.0)
        assert case.word() == "Firing"
        assert case.told() == [("fired", "1-1-fired")]
        case.trade(204.0)
        assert case.told()[-1] == ("resolved", "1-1-resolved")


def test_what_was_missed_is_told_late_and_in_order() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        case.trade(209.0)
        case.alerting.stop()
        for price in (211.0, 212.0, 204.0, 203.0, 203.0, 203.0):
            case.trade(price, beat=False)
        again(case)
        for _ in range(3):
            case.trade(203.0)
        assert case.told() == [("fired", "1-1-fired"), ("resolved", "1-1-resolved")]
        assert all(one.event.late for one in case.alerting.events())
        assert case.word() == "Normal"


def test_a_start_that_hears_before_it_sees_trades_still_looks_back() -> None:
    """The first message after a start need not be a trade: the rule is judged by old trades first."""
    with alert_case() as case:
        case.alerting.add(rule())
        case.trade(209.0)
        case.alerting.stop()
        again(case)
        for symbol in PAIR:
            case.heard(symbol)
        case.alerting.beat()
        for price in (211.0, 212.0, 204.0, 203.0, 203.0, 203.0):
            case.trade(price, beat=False)
        case.trade(203.0)
        assert case.told() == [("fired", "1-1-fired"), ("resolved", "1-1-resolved")]


def test_what_cannot_be_replayed_says_which_time_was_not_seen() -> None:
    with alert_case() as case:
        case.alerting.add(rule(Condition("tick_age", ">", 5_000.0)))
        case.trade(209.0)
        case.alerting.stop()
        for _ in range(4):
            case.trade(200.0, beat=False)
        again(case)
        case.trade(200.0)
        unseen = case.alerting.row(1).unseen or ""
        assert unseen.startswith("not judged from ")
        assert unseen.endswith("tick_age cannot be replayed")


def test_a_change_of_what_is_measured_keeps_the_open_event() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        case.trade(211.0)
        case.alerting.change(1, conditions=(Condition("price", ">", 300.0),))
        case.trade(212.0)
        assert case.told() == [("fired", "1-1-fired"), ("resolved", "1-1-resolved")]


def test_standings_are_written_without_an_event_within_half_a_minute() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        case.trade(209.0)
        case.trade(209.0, after_ms=CLOCKS_WITHIN_MS)
        assert case.desk.alert_book.standings()[1].at_ms == case.now_ms


def test_what_a_rule_would_have_done_is_told_before_it_is_kept() -> None:
    with alert_case() as case:
        for price in (211.0, 204.0, 211.0, 204.0):
            case.trade(price)
        record = case.alerting.record_of(rule())
        assert isinstance(record, TrackRecord)
        assert len(record.firings) == 2
        refused = case.alerting.record_of(rule(Condition("tick_age", ">", 5_000.0)))
        assert isinstance(refused, Unavailable)
        assert "cannot be replayed" in refused.reason
        with pytest.raises(BadInput, match="an alert watches the market of now"):
            case.alerting.add(rule(query=PairQuery("BTCUSDT@JANUARY", "ETHUSDT@JANUARY")))
        assert case.alerting.rows() == ()


def test_channels_show_how_they_do_and_their_secrets_never() -> None:
    with alert_case() as case:
        case.alerting.put_channel(HOOK)
        (row,) = case.alerting.channels()
        assert not row.health.dead
        assert "hooks.example.com" not in repr(row)
        with pytest.raises(BadInput):
            case.alerting.put_channel(replace(HOOK, url=SecretText("http://127.0.0.1/")))
        case.alerting.remove_channel("Desk")
        assert case.alerting.channels() == ()
        assert case.alerting.banner() is None


def test_the_thread_judges_alone_and_ends() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        case.alerting.start(20)
        try:
            case.trade(211.0, beat=False)
            wait_until(lambda: case.told() == [("fired", "1-1-fired")], what="fired", within_s=20)
        finally:
            case.alerting.stop()
        assert case.desk.alert_book.standings()[1].event == 1


def test_numbers_without_tests_are_those_of_the_whole_answer() -> None:
    with alert_case() as case:
        query = replace(QUERY, params=PairParams(window_bars=5, lookback_bars=8))
        for price in (203.0, 201.5, 204.0):
            case.trade(price)
        numbers, whole = case.desk.numbers(query), case.desk.analysis(query)
        assert numbers.latest_zscore == whole.latest_zscore
        assert numbers.hedge == whole.hedge
        assert isinstance(numbers.adf, Unavailable)
        assert case.desk.numbers(query) is whole


def test_a_demo_is_judged_and_tells_nobody_outside_and_leaves_the_live_standing_alone() -> None:
    with alert_case() as case:
        case.alerting.put_channel(HOOK)
        case.alerting.add(rule(channels=("desk",)))
        case.trade(211.0)
        live, _ = case.desk._running()
        assert live is not None
        demo = Market(replace(live.parts, source="demo"), lambda _symbol: None)
        case.desk.open(demo)
        case.trade(211.0)
        assert case.alerting.source == "demo"
        assert case.told() == [("fired", "1-1-fired")]
        case.trade(204.0)
        assert case.told()[-1] == ("resolved", "1-1-resolved")
        assert len(case.desk.alert_book.messages()) == 1
        assert case.desk.alert_book.standings("live")[1].event == 1
        assert [one.event.kind for one in case.alerting.events(source="live")] == ["fired"]
        case.desk.open(live)
        case.trade(204.0)
        assert [one.event.kind for one in case.alerting.events(source="live")] == ["resolved", "fired"]
        assert len(case.desk.alert_book.messages()) == 2


def test_a_disk_that_refuses_tells_nothing_and_says_why_until_it_takes_it() -> None:
    with alert_case() as case:
        case.alerting.add(rule())
        case.trade(209.0)
        store = case.desk.alert_book._store
        record, refusing = store.record, [True]

        def full(*args: Any) -> Any:
            if refusing[0]:
                raise StoreError("the disk is full")
            return record(*args)

        store.record = full  # type: ignore[assignment,method-assign]
        case.trade(211.0)
        assert case.alerting.firing() == 0
        assert "Alerts cannot be written down, so none is told: the disk is full" in (case.alerting.banner() or "")
        refusing[0] = False
        case.trade(212.0)
        assert case.told() == [("fired", "1-1-fired")]
        assert case.alerting.banner() is None
