"""Quotes and funding while somebody looks: what is asked, how often, and what is told when no answer comes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from analytics.errors import SourceUnavailable
from analytics.quotes import Funding, Quote
from analytics.results import Unavailable
from services.quotes import Quotes
from tests.fakes import FakeClock, wait_until

LISTED = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")


class ScriptedQuotes:
    """Answers with a price that says how many requests there were. failing: the sentence it fails with."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.asked: list[tuple[str, str | None]] = []
        self.failing: str | None = None
        self.unquoted = "NONEUSDT"

    def _names(self, what: str, symbol: str | None) -> list[str]:
        self.asked.append((what, symbol))
        if self.failing is not None:
            raise SourceUnavailable(self.failing)
        return [one for one in LISTED if symbol in (None, one) and one != self.unquoted]

    def quotes(self, symbol: str | None = None) -> tuple[Quote, ...]:
        names = self._names("quote", symbol)
        return tuple(Quote(one, len(self.asked), len(self.asked) + 1, self.clock.monotonic_ms()) for one in names)

    def fundings(self, symbol: str | None = None) -> tuple[Funding, ...]:
        names = self._names("funding", symbol)
        return tuple(Funding(one, 1e-4, 9_000, 0, self.clock.monotonic_ms()) for one in names)

    def count(self, what: str) -> int:
        return len([one for one, _ in self.asked if one == what])


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def source(clock: FakeClock) -> ScriptedQuotes:
    return ScriptedQuotes(clock)


@pytest.fixture
def quotes(clock: FakeClock, source: ScriptedQuotes) -> Iterator[Quotes]:
    running = Quotes(source, clock)
    running.start()
    yield running
    running.stop()
    running.join(10)
    assert running.has_ended
    assert not [thread for thread in threading.enumerate() if thread.name == "quotes"]


def settled(quotes: Quotes, *symbols: str) -> None:
    """Look until both are known of each."""
    known = (Quote, Funding)
    wait_until(
        lambda: (
            all(isinstance(quotes.terms(one).quote, known) for one in symbols)
            and all(isinstance(quotes.terms(one).funding, known) for one in symbols)
        ),
        what="quotes and funding known",
    )


def asked(source: ScriptedQuotes, what: str, times: int) -> None:
    wait_until(lambda: source.count(what) == times, what=f"{what} asked for {times} times")


def test_the_first_look_asks_and_says_that_it_waits(quotes: Quotes, source: ScriptedQuotes) -> None:
    assert quotes.terms("BTCUSDT").quote == Unavailable("waiting for the first quote of BTCUSDT")
    settled(quotes, "BTCUSDT")
    assert sorted(source.asked) == [("funding", "BTCUSDT"), ("quote", "BTCUSDT")]


def test_quotes_are_asked_for_every_10_s_and_funding_every_60_s(
    quotes: Quotes, source: ScriptedQuotes, clock: FakeClock
) -> None:
    settled(quotes, "BTCUSDT")
    for n in range(2, 9):
        clock.pass_ms(9_999)
        quotes.terms("BTCUSDT")
        clock.pass_ms(1)
        quotes.terms("BTCUSDT")
        asked(source, "quote", n)
    assert source.count("funding") == 2


def test_while_nobody_looks_nothing_is_asked(quotes: Quotes, source: ScriptedQuotes, clock: FakeClock) -> None:
    settled(quotes, "BTCUSDT", "ETHUSDT")
    before = len(source.asked)
    clock.pass_ms(3_600_000)
    quotes.terms("BTCUSDT")
    wait_until(lambda: len(source.asked) == before + 2, what="the one that is looked at is asked for")
    assert {symbol for _, symbol in source.asked[before:]} == {"BTCUSDT"}


def test_three_symbols_are_quoted_in_one_request(quotes: Quotes, source: ScriptedQuotes, clock: FakeClock) -> None:
    settled(quotes, *LISTED[:3])
    before = source.count("quote")
    clock.pass_ms(10_000)
    for symbol in LISTED[:3]:
        quotes.terms(symbol)
    wait_until(lambda: source.count("quote") > before, what="asked anew")
    settled(quotes, *LISTED[:3])
    wait_until(lambda: ("quote", None) in source.asked, what="all at once")


def test_a_failure_keeps_the_last_answer_whose_age_tells(
    quotes: Quotes, source: ScriptedQuotes, clock: FakeClock
) -> None:
    settled(quotes, "BTCUSDT")
    source.failing = "cannot reach exchange.test"
    before = source.count("quote")
    clock.pass_ms(31_000)
    quotes.terms("BTCUSDT")
    wait_until(lambda: source.count("quote") > before, what="asked anew")
    terms = quotes.terms("BTCUSDT")
    assert isinstance(terms.quote, Quote)
    assert terms.at(clock.monotonic_ms()).quote == Unavailable("the quote of BTCUSDT is 31 s old")


def test_a_first_failure_is_told_in_the_exchanges_words(quotes: Quotes, source: ScriptedQuotes) -> None:
    source.failing = "exchange.test has asked for silence for 400 s more"
    quotes.terms("BTCUSDT")
    told = Unavailable("exchange.test has asked for silence for 400 s more")
    wait_until(lambda: quotes.terms("BTCUSDT").quote == told, what="the reason")
    wait_until(lambda: quotes.terms("BTCUSDT").funding == told, what="the reason of funding")
    assert len(source.asked) == 2


def test_what_is_not_quoted_says_so(quotes: Quotes, source: ScriptedQuotes) -> None:
    source.unquoted = "BTCUSDT"
    quotes.terms("BTCUSDT")
    none = Unavailable("the exchange tells no quote of BTCUSDT")
    wait_until(lambda: quotes.terms("BTCUSDT").quote == none, what="told")
