"""The REST side: a request line in, a reply out, within the weight budget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.simulator.endpoints import Endpoints
from ingest.simulator.query import Query
from ingest.simulator.replies import Refusal, Reply
from ingest.simulator.rules import Rules
from ingest.simulator.weights import WeightBudget

_KLINE_WEIGHTS = ((100, 1), (500, 2), (1_001, 5))


@dataclass(frozen=True, slots=True)
class _Door:
    answer: Callable[[Query], Awaitable[Reply]]
    weight: Callable[[Query], int]


class Rest:
    """Every GET endpoint of the local exchange."""

    def __init__(self, endpoints: Endpoints, rules: Rules, now_ms: Callable[[], int]) -> None:
        self._rules = rules
        self._now_ms = now_ms
        self._listed = endpoints.listed
        self._budget = WeightBudget(rules.weight_per_minute)
        self._doors = {
            "/fapi/v1/ping": _Door(endpoints.ping, _always(1)),
            "/fapi/v1/time": _Door(endpoints.time, _always(1)),
            "/fapi/v1/exchangeInfo": _Door(endpoints.exchange_info, _always(1)),
            "/fapi/v1/aggTrades": _Door(endpoints.agg_trades, _always(20)),
            "/fapi/v1/klines": _Door(endpoints.klines, _kline_weight),
            "/fapi/v1/fundingRate": _Door(endpoints.funding_rate, _always(0)),
            "/fapi/v1/premiumIndex": _Door(endpoints.premium_index, _by_symbol(1, 10)),
            "/fapi/v1/ticker/price": _Door(endpoints.price, _by_symbol(1, 2)),
            "/fapi/v1/ticker/bookTicker": _Door(endpoints.book_ticker, _by_symbol(2, 5)),
            "/fapi/v1/ticker/24hr": _Door(endpoints.day, _by_symbol(1, 40)),
        }

    async def reply(self, method: str, target: str) -> Reply:
        """The answer to one request, with the headers that tell how much weight is used."""
        parts = urlsplit(target)
        door = self._doors.get(parts.path)
        if door is None:
            return Refusal(-1000, f"Path {parts.path[:200]} not found.", 404).reply()
        if method != "GET":
            refused = Refusal(-1000, f"Request method '{method[:20]}' not supported", 405).reply()
            return Reply(refused.status, refused.body, (("Allow", "GET"),))
        now_ms = self._now_ms()
        query = Query(parts.query, self._listed)
        in_budget = self._budget.charge(_weight(door, query), now_ms)
        try:
            answered = await door.answer(query) if in_budget else self._too_many()
        except Refusal as refusal:
            answered = refusal.reply()
        used = ("X-MBX-USED-WEIGHT-1M", str(self._budget.used))
        later = () if in_budget else (("Retry-After", str(self._budget.retry_after_s(now_ms))),)
        return Reply(answered.status, answered.body, (used, *later))

    def _too_many(self) -> Reply:
        reason = (
            f"Too many requests; current limit of IP(127.0.0.1) is {self._rules.weight_per_minute} requests per "
            "minute. Please use the websocket for live updates to avoid polling the API."
        )
        return Refusal(-1003, reason, 429).reply()


def _weight(door: _Door, query: Query) -> int:
    try:
        return door.weight(query)
    except Refusal:
        return 1  # the answer will say what is wrong with it


def _always(weight: int) -> Callable[[Query], int]:
    return lambda _query: weight


def _by_symbol(one: int, every: int) -> Callable[[Query], int]:
    return lambda query: every if query.optional_symbol() is None else one


def _kline_weight(query: Query) -> int:
    limit = query.limit(500, 1_500)
    return next((weight for below, weight in _KLINE_WEIGHTS if limit < below), 10)
