"""What the page says about its data."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from analytics.status import FeedState, MarketStatus, Recorded, SymbolStatus, pair_state
from layouts import feed
from layouts.freshness import freshness, looks
from layouts.numbers import DASH
from tests.layouts.reading import classes, text
from tests.screen_fake import QUERY, FakeDesk

HEALTHY = FakeDesk().status()
FLOWING = {"LIVE", "BACKFILLING"}


def with_leg(symbol: str, **changes: object) -> MarketStatus:
    leg = replace(HEALTHY.symbols[symbol], **changes)  # type: ignore[arg-type]
    return replace(HEALTHY, symbols={**HEALTHY.symbols, symbol: leg})


def test_two_live_legs_are_live() -> None:
    fresh = freshness(HEALTHY, QUERY)
    assert (fresh.word, fresh.tone, fresh.stale, fresh.age_ms, fresh.lag_ms) == ("LIVE", "good", False, 120, 38)


@pytest.mark.parametrize("state", get_args(FeedState))
@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT"])
def test_a_pair_is_as_good_as_its_worse_leg(symbol: str, state: FeedState) -> None:
    fresh = freshness(with_leg(symbol, state=state), QUERY)
    assert fresh.word == state
    assert fresh.stale == (state not in FLOWING)


def test_a_symbol_outside_the_pair_does_not_matter() -> None:
    assert freshness(with_leg("SOLUSDT", state="STALE"), QUERY) == freshness(HEALTHY, QUERY)


@pytest.mark.parametrize(("age_ms", "stale"), [(2_000, False), (2_001, True), (None, True)])
def test_values_grey_after_two_seconds(age_ms: int | None, stale: bool) -> None:
    status = with_leg("ETHUSDT", age_ms=age_ms)
    assert freshness(status, QUERY).stale is stale
    assert feed.cards_class(status, QUERY) == ("cards cards--stale" if stale else "cards")


def test_a_number_that_is_too_old_shows_its_age() -> None:
    assert feed.cards_style(HEALTHY, QUERY) == {}
    assert feed.cards_style(with_leg("ETHUSDT", age_ms=12_400), QUERY) == {"--age": '"12 s old"'}
    assert feed.cards_style(with_leg("ETHUSDT", age_ms=None), QUERY) == {"--age": '"no data yet"'}


def test_no_two_states_look_alike_without_colour_and_word_of_trouble() -> None:
    looked = [looks(state) for state in get_args(FeedState)]
    assert [state for state in get_args(FeedState) if looks(state)[0] == "good"] == ["LIVE"]
    assert len({shape for _, shape in looked}) >= 7


def test_a_leg_without_status_is_connecting() -> None:
    bare = replace(HEALTHY, symbols={})
    assert freshness(bare, QUERY).word == "CONNECTING"
    assert text(feed.both_legs(bare, QUERY)).count("CONNECTING") == 2


def test_the_badge_has_word_shape_lag_rate_and_age() -> None:
    badge = feed.badge(HEALTHY, QUERY)
    assert text(badge) == "LIVE 38 ms lag 212 msg/s 0.1 s old"
    assert "sign--circle" in classes(badge)
    assert text(feed.badge(replace(HEALTHY, symbols={}), QUERY)) == f"CONNECTING {DASH} lag 212 msg/s {DASH} old"


def test_demo_cannot_be_missed_and_says_why() -> None:
    demo = replace(HEALTHY, source="demo", source_reason="you asked for it (--source demo)")
    assert (
        text(feed.banner(demo, QUERY))
        == "Demo market. Simulated trades, not Binance. You asked for it (--source demo)."
    )
    assert feed.banner_class(demo, QUERY) == "banner banner--mind"
    assert text(feed.badge(demo, QUERY)).startswith("DEMO ")
    stale = replace(demo, symbols={**demo.symbols, "ETHUSDT": SymbolStatus("ETHUSDT", "STALE")})
    assert text(feed.badge(stale, QUERY)).startswith("DEMO · STALE ")


def test_replay_says_so_and_tells_its_end() -> None:
    replay = replace(HEALTHY, source="replay", finished=True, state="FINISHED")
    assert "Replay." in text(feed.banner(replay, QUERY))
    assert "come to its end" in text(feed.banner(replay, QUERY))
    assert feed.banner_class(replay, QUERY) == "banner banner--mind"
    assert freshness(replay, QUERY).word == "REPLAY · FINISHED"


@pytest.mark.parametrize("state", ["OFFLINE", "BLOCKED"])
def test_a_live_market_out_of_reach_is_told_in_red(state: FeedState) -> None:
    status = replace(HEALTHY, state=state, source_reason="The exchange refuses this place (HTTP 451).")
    assert text(feed.banner(status, QUERY)).startswith(f"{state}. The exchange refuses this place (HTTP 451).")
    assert feed.banner_class(status, QUERY) == "banner banner--bad"


def without_connection(state: FeedState, reason: str, **symbols: SymbolStatus) -> MarketStatus:
    """As the market says it: each symbol has its connection's reason."""
    symbols = symbols or {name: replace(one, state=state, reason=reason) for name, one in HEALTHY.symbols.items()}
    return replace(HEALTHY, state=state, source_reason=reason, symbols=symbols)


def test_a_feed_that_is_mute_as_a_whole_is_told_once_and_of_no_symbol() -> None:
    told = text(feed.banner(without_connection("MUTE", "fstream.example/market has sent no data"), QUERY))
    assert told.startswith("MUTE. fstream.example/market has sent no data. No symbol gets any data")
    assert told.count("fstream.example") == 1
    assert "BTCUSDT" not in told


def test_a_connection_that_is_made_anew_is_not_called_a_disk_that_cannot_be_written() -> None:
    status = without_connection("CONNECTING", "the server closed the connection (1006)")
    assert text(feed.banner(status, QUERY)).startswith("CONNECTING. The server closed the connection (1006). ")
    nobody = replace(status, symbols={}, source_reason="no symbol is watched")
    assert text(feed.banner(nobody, QUERY)).startswith("CONNECTING. No symbol is watched.")
    # A symbol that has just been added waits for its first data; the disk is another matter.
    added = with_leg("ETHUSDT", state="CONNECTING", reason="waiting for the first data")
    full = replace(added, state="CONNECTING", source_reason="trades wait in memory, because the disk is full")
    assert text(feed.banner(full, QUERY)) == "Not stored yet. Trades wait in memory, because the disk is full."


def test_a_symbol_that_stands_still_concerns_its_own_pairs_alone() -> None:
    other = replace(with_leg("SOLUSDT", state="HALTED", reason="its ids went backwards"), state="HALTED")
    assert feed.banner(other, QUERY) == []
    leg = replace(with_leg("ETHUSDT", state="HALTED", reason="its ids went backwards"), state="HALTED")
    assert text(feed.banner(leg, QUERY)).startswith("HALTED. ETHUSDT: its ids went backwards. ")
    assert feed.banner_class(leg, QUERY) == "banner banner--bad"


def test_a_healthy_live_feed_has_no_banner() -> None:
    assert feed.banner(HEALTHY, QUERY) == []
    assert feed.banner_class(HEALTHY, QUERY) == "banner banner--none"


def test_a_leg_that_is_heard_but_does_not_trade_is_told_of() -> None:
    assert text(feed.age(with_leg("ETHUSDT", trade_age_ms=4_900), QUERY)) == "0.1 s old"
    assert text(feed.age(with_leg("ETHUSDT", trade_age_ms=14_200), QUERY)) == "0.1 s old · no trade of ETHUSDT for 14 s"
    assert "14 s ago" in text(feed.both_legs(with_leg("ETHUSDT", trade_age_ms=14_200), QUERY))


def test_old_cards_say_how_old_and_why() -> None:
    stale = with_leg("ETHUSDT", state="STALE", age_ms=12_400, reason="No data for ETHUSDT for 12 s.")
    assert text(feed.age(stale, QUERY)) == "12 s old · No data for ETHUSDT for 12 s."
    assert text(feed.age(HEALTHY, QUERY)) == "0.1 s old"


def test_behind_the_badge_each_leg_has_its_own_state_age_lag_rate_and_holes() -> None:
    status = with_leg("ETHUSDT", state="STALE", age_ms=12_400, gaps_lost=2, reason="no data for 12 s")
    told = text(feed.both_legs(status, QUERY))
    assert f"BTCUSDT LIVE 0.1 s ago {DASH} 38 ms 84 msg/s none" in told
    assert f"ETHUSDT STALE 12 s ago {DASH} 38 ms 71 msg/s 0 open, 2 lost" in told
    assert told.endswith("ETHUSDT: no data for 12 s. All 3 symbols watched: 212 msg/s.")


def test_the_foot_counts_what_is_stored_and_what_is_not() -> None:
    told = text(feed.foot(with_leg("ETHUSDT", gaps_open=1, gaps_lost=2)))
    assert told.startswith("1,284,909 trades stored 1 gap open, 2 lost")
    assert "sign--triangle" in classes(feed.foot(with_leg("ETHUSDT", gaps_lost=2)))
    assert "Source: Binance USD-M futures" in told


def test_the_mark_changes_with_anything_shown_and_not_within_a_second() -> None:
    at = replace(HEALTHY, now_ms=5_000)
    assert feed.mark_of(at, QUERY) == feed.mark_of(replace(at, now_ms=5_999), QUERY)
    assert feed.mark_of(at, QUERY) != feed.mark_of(replace(at, now_ms=6_000), QUERY)
    assert feed.mark_of(at, QUERY) != feed.mark_of(replace(at, queue_depth=1), QUERY)
    aged = replace(at, symbols={**at.symbols, "BTCUSDT": replace(at.symbols["BTCUSDT"], age_ms=400)})
    assert feed.mark_of(at, QUERY) != feed.mark_of(aged, QUERY)


def test_a_host_keeps_its_name() -> None:
    blocked = replace(HEALTHY, state="BLOCKED", source_reason="fapi.example does not serve this location (HTTP 451)")
    assert text(feed.banner(blocked, QUERY)).startswith("BLOCKED. fapi.example does not serve this location")


@pytest.mark.parametrize("state", ["MUTE", "STALE"])
def test_a_leg_without_data_is_told_in_red_by_name(state: FeedState) -> None:
    status = with_leg("ETHUSDT", state=state, reason="no data for 14 s")
    told = text(feed.banner(status, QUERY))
    assert told.startswith(f"{state}. ETHUSDT: no data for 14 s.")
    assert feed.banner_class(status, QUERY) == "banner banner--bad"
    assert feed.banner(with_leg("SOLUSDT", state=state, reason="no data for 14 s"), QUERY) == []


def test_trades_that_cannot_be_written_are_told() -> None:
    full = replace(
        HEALTHY, source_reason="trades wait in memory, because the database cannot be written now (disk full)"
    )
    assert text(feed.banner(full, QUERY)) == (
        "Not stored yet. Trades wait in memory, because the database cannot be written now (disk full)."
    )


def test_backfilling_says_how_many_holes_are_open() -> None:
    status = with_leg("ETHUSDT", state="BACKFILLING", gaps_open=3, reason="3 holes being filled")
    assert text(feed.badge(status, QUERY)).startswith("BACKFILLING 3 holes open ")
    assert text(feed.age(status, QUERY)) == "0.1 s old · 3 holes being filled"
    assert feed.cards_class(status, QUERY) == "cards"


def test_a_dataset_is_never_called_live_nor_old_whatever_the_feed_does() -> None:
    query = replace(QUERY, y_symbol="BTCUSDT@JAN", x_symbol="ETHUSDT@JAN")
    recorded = {"JAN": Recorded(1_735_700_000_000, 1_735_709_000_000)}
    for status in (HEALTHY, with_leg("BTCUSDT", state="STALE"), replace(HEALTHY, state="OFFLINE")):
        told = replace(status, datasets=recorded)
        fresh = freshness(told, query)
        assert (fresh.word, fresh.tone, fresh.stale, fresh.age_ms) == ("DATASET", "plain", False, None)
        assert feed.cards_class(told, query) == "cards"
        assert feed.cards_style(told, query) == {}
        assert "LIVE" not in text(feed.badge(told, query))
        assert text(feed.banner(told, query)) == (
            "Dataset JAN, recorded 2025-01-01 02:53 to 05:23 UTC. Nothing here is live."
        )
        assert pair_state(told, query.y_symbol, query.x_symbol) == "FINISHED"


def test_legs_of_two_datasets_name_both() -> None:
    query = replace(QUERY, y_symbol="BTCUSDT@JAN", x_symbol="ETHUSDT@FEB")
    assert freshness(HEALTHY, query).reason == "Dataset JAN; Dataset FEB"
