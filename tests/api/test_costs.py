"""What a trade costs, over REST."""

from __future__ import annotations

from dataclasses import fields

from analytics.costs import PairCosts
from analytics.market import PairParams, PairQuery
from analytics.results import Unavailable
from api.cost_translate import cost_reasons, costs_answer
from api.pair_schemas import CostsOut
from tests.api.door import api
from tests.services.scripted import feed_pair

ASK = {"symbol_a": "BTCUSDT", "symbol_b": "ETHUSDT", "timeframe": "1s", "window": 60}
COSTS = PairCosts("short", "long", 13.4, -10.0, -0.1, -10.1, 2.4e5, (1, 0), -0.6, 2.7, 1.75, 4_600, 31_000)


def test_every_field_of_the_costs_is_told() -> None:
    answer = costs_answer(COSTS, "btcusdt", "ethusdt").model_dump()
    assert answer["side_b"] == "long"
    assert answer["settlements"] == {"btcusdt": 1, "ethusdt": 0}
    same = {one.name for one in fields(PairCosts)} - {"x_side", "settlements"}
    assert {name: answer[name] for name in same} == {name: getattr(COSTS, name) for name in same}
    assert set(answer) == same | {"side_b", "settlements"}
    assert cost_reasons(COSTS) == {}


def test_what_is_null_has_its_reason_under_its_own_name() -> None:
    with api() as (client, _desk, feed):
        feed_pair(feed)
        answer = client.post("/api/analytics/snapshot", json=ASK).json()
    told = answer["costs"]
    assert told["reversion_bp"] is not None
    nulls = {f"costs.{name}" for name in CostsOut.model_fields if told[name] is None}
    assert nulls == {name for name in answer["unavailable"] if name.startswith("costs.")}
    assert answer["unavailable"]["costs.net_edge_bp"]["reason"] == "a recording holds no quotes and no funding"


def test_the_costs_are_of_the_very_answer_that_they_come_with() -> None:
    with api() as (client, desk, feed):
        feed_pair(feed)
        answer = client.post("/api/analytics/snapshot", json=ASK).json()
        costs = desk.costs_of(desk.study(PairQuery("BTCUSDT", "ETHUSDT", PairParams(window_bars=60))))
    assert answer["costs"]["reversion_bp"] == costs.reversion_bp
    assert (answer["costs"]["side"] == "short") == (answer["latest_zscore"] >= 0)


def test_ages_of_what_was_never_answered_are_null_with_a_reason() -> None:
    none = Unavailable("waiting for the first quote of BTCUSDT")
    reasons = cost_reasons(PairCosts(none, none, none, -10.0, none, none, none, none, none, none, none, None, None))
    assert reasons["costs.quote_age_ms"].reason == "a leg has never been answered for"
    assert reasons["costs.side"].reason == none.reason
