"""REST requests within the weight budget: server time, the list of symbols, and trades by id.

One request at a time: threads that share a client wait for each other, so that the budget is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

import requests

from analytics.errors import MalformedFrame, SourceUnavailable
from analytics.market import Listing, Ticks
from ingest.binance_rest import decode_agg_trades, decode_fault, decode_listings, decode_server_time
from ingest.reasons import failure_reason, host_of, status_reason
from ingest.weight import WeightBudget

AGG_TRADES_LIMIT = 1000
_AGG_TRADES_WEIGHT = 20
_LIGHT_WEIGHT = 1
_TIMEOUT_S = (3.05, 10.0)
_BODY_LIMIT = 32 << 20
# What each refusal costs when the exchange names no Retry-After of its own.
_SILENCE_S = {403: 300, 418: 120, 429: 60, 451: 300}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

_Answer = TypeVar("_Answer")


class _Clock(Protocol):
    def now_ms(self) -> int: ...
    def monotonic_ms(self) -> int: ...


class Refusal(SourceUnavailable):
    """The exchange answered, and said no. status: the HTTP status."""

    def __init__(self, reason: str, status: int) -> None:
        self.status = status
        super().__init__(reason)


class RestClient:
    """One exchange's REST address. Every method raises SourceUnavailable with a sentence, and nothing else."""

    def __init__(self, base_url: str, clock: _Clock, budget: WeightBudget) -> None:
        self._base = base_url.rstrip("/")
        self._clock = clock
        self._budget = budget
        self._stopping = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._session = requests.Session()
        # A proxy variable must never swallow the local exchange.
        self._session.trust_env = host_of(base_url) not in _LOOPBACK

    def close(self) -> None:
        """End every wait for the allowance, and close the kept-alive connections."""
        self._stopping.set()
        self._session.close()

    def clock_offset_ms(self) -> int:
        """The exchange's clock minus our monotonic one, judged at the middle of the round trip.

        Monotonic, because a wall clock that is set right later would turn into a lag of the feed.
        """
        began = self._clock.monotonic_ms()
        server_ms = _read(decode_server_time, self._get("/fapi/v1/time", {}, _LIGHT_WEIGHT), self._base)
        return server_ms - (began + self._clock.monotonic_ms()) // 2

    def listings(self) -> tuple[Listing, ...]:
        """Every symbol that trades now."""
        return _read(decode_listings, self._get("/fapi/v1/exchangeInfo", {}, _LIGHT_WEIGHT), self._base)

    def trades_from(self, symbol: str, first_id: int, limit: int = AGG_TRADES_LIMIT) -> Ticks:
        """Up to `limit` trades with id >= first_id."""
        query: dict[str, str | int] = {"symbol": symbol, "fromId": first_id, "limit": limit}
        return _read(decode_agg_trades, self._get("/fapi/v1/aggTrades", query, _AGG_TRADES_WEIGHT), self._base)

    def newest_trades(self, symbol: str, limit: int = AGG_TRADES_LIMIT) -> Ticks:
        """The newest `limit` trades."""
        query: dict[str, str | int] = {"symbol": symbol, "limit": limit}
        return _read(decode_agg_trades, self._get("/fapi/v1/aggTrades", query, _AGG_TRADES_WEIGHT), self._base)

    def _get(self, path: str, query: dict[str, str | int], weight: int) -> bytes:
        with self._one_at_a_time:
            self._wait_for_allowance(weight)
            return self._send(self._base + path, query)

    def _wait_for_allowance(self, weight: int) -> None:
        while wait_ms := self._budget.wait_ms(weight, self._clock.now_ms()):
            if self._stopping.wait(min(wait_ms, 1000) / 1000):
                raise SourceUnavailable("stopped")
        self._budget.spent(weight, self._clock.now_ms())

    def _send(self, url: str, query: dict[str, str | int]) -> bytes:
        try:
            answer = self._session.get(url, params=query, timeout=_TIMEOUT_S, allow_redirects=False, stream=True)
            with answer:
                body = _capped_body(answer)
        except (requests.RequestException, OSError) as error:
            raise SourceUnavailable(failure_reason(error, url)) from error
        self._heed(answer)
        if answer.status_code != requests.codes.ok:
            said = decode_fault(body)
            reason = status_reason(answer.status_code, url) + (f": {said}" if said else "")
            raise Refusal(reason, answer.status_code)
        return body

    def _heed(self, answer: requests.Response) -> None:
        now_ms = self._clock.now_ms()
        used = answer.headers.get("X-MBX-USED-WEIGHT-1M", "")
        if used.isdecimal():
            self._budget.told(int(used), now_ms)
        floor_s = _SILENCE_S.get(answer.status_code)
        if floor_s is not None:
            asked = answer.headers.get("Retry-After", "")
            silence_s = int(asked) if asked.isdecimal() else floor_s
            # A ban is never shorter than two minutes, whatever the header says.
            self._budget.silenced(max(silence_s, 120 if answer.status_code == 418 else 1) * 1000, now_ms)


def _capped_body(answer: requests.Response) -> bytes:
    body = bytearray()
    for chunk in answer.iter_content(1 << 16):
        body += chunk
        if len(body) > _BODY_LIMIT:
            raise SourceUnavailable(f"{host_of(answer.url)} answers with more than {_BODY_LIMIT >> 20} MiB")
    return bytes(body)


def _read(decode: Callable[[bytes], _Answer], body: bytes, url: str) -> _Answer:
    try:
        return decode(body)
    except MalformedFrame as error:
        raise SourceUnavailable(f"{host_of(url)} answers with something else: {error.reason}") from error
