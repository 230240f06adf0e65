"""What a trade costs, asked of the Desk: real quotes over the wire, one computation for all who look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from analytics.analysis import PairAnalysis
from analytics.market import PairParams, PairQuery
from analytics.quotes import Funding, LegTerms, Quote
from analytics.results import Unavailable
from ingest.rest import RestClient
from ingest.simulator import LocalExchange
from ingest.weight import WeightBudget
from services.clock import SystemClock
from services.costing import Costing
from services.quotes import Quotes
from tests.analytics.markets import bound_pair
from tests.analytics.test_costs import analysed, known
from tests.fakes import FakeClock, wait_until
from tests.services.scripted import PAIR, feed_pair, scripted_desk


class Terms:
    """Fixed terms, counted."""

    def __init__(self, taken_ms: int) -> None:
        self.asked = 0
        self.terms = LegTerms(Quote("S", 99.0, 101.0, taken_ms), Funding("S", 1e-4, 3_600_000, 0, taken_ms))

    def of(self, _symbol: str) -> LegTerms:
        self.asked += 1
        return self.terms


@pytest.fixture
def analysis() -> PairAnalysis:
    return analysed(*bound_pair(3, 400))


def test_the_same_answer_is_computed_once_for_all_who_look(analysis: PairAnalysis) -> None:
    clock = FakeClock()
    terms = Terms(clock.monotonic_ms())
    costing = Costing(clock, terms.of, lambda: 5.0)
    first = costing.costs(analysis)
    assert all(costing.costs(analysis) is first for _ in range(8))
    assert terms.asked == 18  # asking keeps the quotes fresh, whoever computes


def test_another_answer_quote_fee_or_second_is_computed_anew(analysis: PairAnalysis) -> None:
    clock, fees = FakeClock(), [5.0]
    terms = Terms(clock.monotonic_ms())
    costing = Costing(clock, terms.of, lambda: fees[0])
    first = costing.costs(analysis)
    assert costing.costs(replace(analysis, latest_zscore=9.0)).reversion_bp != first.reversion_bp
    assert first.fees_bp == -10.0
    fees[0] = 2.0
    assert costing.costs(analysis).fees_bp == -4.0
    terms.terms = replace(terms.terms, quote=Quote("S", 100.0, 100.0, clock.monotonic_ms()))
    assert costing.costs(analysis).half_spreads_bp == 0.0
    clock.pass_ms(30_001)
    assert costing.costs(analysis).fills_bp == Unavailable("the quote of S is 30 s old")


@pytest.fixture(scope="module")
def exchange() -> Iterator[LocalExchange]:
    with LocalExchange(seed=3) as running:
        yield running


def test_a_trade_is_costed_with_the_exchanges_own_quotes(exchange: LocalExchange, analysis: PairAnalysis) -> None:
    clock = SystemClock()
    rest = RestClient(exchange.rest_url, clock, WeightBudget())
    quotes = Quotes(rest, clock)
    quotes.start()
    query = PairQuery("BTCUSDT", "ETHUSDT", analysis.query.params)
    costing = Costing(clock, quotes.terms, lambda: 5.0)
    pair = replace(analysis, query=query)
    wait_until(lambda: isinstance(costing.costs(pair).funding_bp, float), what="quotes and funding arrive")
    found = costing.costs(pair)
    # A tick is a tenth of 100,000 and a hundredth of 3,500 there: hundredths of a basis point, and the fees are ten.
    assert -10.2 < known(found.fills_bp) < -10.0
    assert known(found.net_edge_bp) == pytest.approx(
        known(found.reversion_bp) + known(found.fills_bp) + known(found.funding_bp)
    )
    assert (found.quote_age_ms or 0) < 20_000
    quotes.stop()
    rest.close()
    quotes.join(10)


def test_a_market_without_quotes_says_so_and_still_tells_the_reversion() -> None:
    with scripted_desk() as (desk, feed, _clock, _market):
        feed_pair(feed)
        found = desk.costs(PairQuery(*PAIR, PairParams(window_bars=60)))
        assert isinstance(found.reversion_bp, float)
        assert found.fills_bp == Unavailable("a recording holds no quotes and no funding")
        assert found.net_edge_bp == found.fills_bp


def test_the_taker_fee_is_the_users_own() -> None:
    with scripted_desk() as (desk, feed, _clock, _market):
        feed_pair(feed)
        query = PairQuery(*PAIR, PairParams(window_bars=60))
        assert desk.costs(query).fees_bp == -10.0
        desk.keeping.change_preferences({"taker_fee_bp": 3.2})
        assert desk.costs(query).fees_bp == -6.4
