"""REST requests within the weight budget: server time, the list of symbols, trades by id, candles, quotes, funding.

One request at a time, and none during a ban: threads and clients that share a budget wait for each other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

import requests

from analytics.errors import BadInput, MalformedFrame, SourceUnavailable
from analytics.market import Bars, Listing, Ticks, Timeframe
from analytics.quotes import Funding, Quote
from analytics.status import RestFacts
from ingest.binance_rest import (
    candle_weight,
    decode_agg_trades,
    decode_candles,
    decode_fault,
    decode_fundings,
    decode_listings,
    decode_quotes,
    decode_server_time,
)
from ingest.reasons import failure_reason, host_of, status_reason
from ingest.retry_after import silence_ms
from ingest.weight import WeightBudget

AGG_TRADES_LIMIT = 1000
CANDLES_LIMIT = 1500
_AGG_TRADES_WEIGHT = 20
_LIGHT_WEIGHT = 1
# Of one symbol, and of all at once.
_QUOTE_WEIGHTS = (2, 5)
_FUNDING_WEIGHTS = (1, 10)
# Further ahead than any clock is wrong that nobody has noticed.
_AHEAD_MS = 86_400_000
_TIMEOUT_S = (3.05, 10.0)
_LONGEST_ANSWER_MS = 30_000
_SKEW_MS = 2_000
_BODY_LIMIT = 32 << 20
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_BAD_REQUEST = 400
_SERVER_FAULT = 500

_Answer = TypeVar("_Answer")


class _Clock(Protocol):
    def now_ms(self) -> int: ...
    def monotonic_ms(self) -> int: ...


class Refusal(SourceUnavailable):
    """The exchange answered, and said no. status: the HTTP status.  about_request: it understood the request and has
    nothing for it (its own 400), which is no fault of the way or of the moment.
    """

    def __init__(self, reason: str, status: int, *, about_request: bool = False) -> None:
        self.status = status
        self.about_request = about_request
        super().__init__(reason)


class Silenced(SourceUnavailable):
    """Nothing was sent, because the exchange has asked for silence. for_ms: how much longer."""

    def __init__(self, reason: str, for_ms: int) -> None:
        self.for_ms = for_ms
        super().__init__(reason)


class RestClient:
    """One exchange's REST address. Every method raises SourceUnavailable with a sentence, and nothing else."""

    def __init__(self, base_url: str, clock: _Clock, budget: WeightBudget) -> None:
        self._base = base_url.rstrip("/")
        self._clock = clock
        self._budget = budget
        self._stopping = threading.Event()
        self._offset_ms: int | None = None
        self._skew_ms = 0
        self._trouble: str | None = None
        self._session = requests.Session()
        # A proxy variable must never swallow the local exchange.
        self._session.trust_env = host_of(base_url) not in _LOOPBACK

    def close(self) -> None:
        """End every wait for the allowance, and close the kept-alive connections."""
        self._stopping.set()
        self._session.close()

    def facts(self) -> RestFacts:
        """The allowance of this minute and the ban, if there is one. Never waits for a request."""
        now_ms = self._clock.now_ms()
        silent_ms = self._budget.silence_ms(now_ms)
        return RestFacts(
            host=host_of(self._base),
            used=self._budget.used(now_ms),
            allowed=self._budget.allowed(now_ms),
            silent_until_ms=now_ms + silent_ms if silent_ms else None,
            trouble=self._budget.reason or self._trouble if silent_ms else self._trouble,
        )

    def clock_offset_ms(self) -> int:
        """The exchange's clock minus our monotonic one, judged at the middle of the round trip.

        Monotonic, because a wall clock that is set right later would turn into a lag of the feed.
        """
        began = self._clock.monotonic_ms()
        server_ms = self._read(decode_server_time, self._get("/fapi/v1/time", {}, _LIGHT_WEIGHT, light=True))
        self._skew_ms = self._clock.now_ms() - self._clock.monotonic_ms()
        self._offset_ms = server_ms - (began + self._clock.monotonic_ms()) // 2
        return self._offset_ms

    def listings(self) -> tuple[Listing, ...]:
        """Every symbol that trades now."""
        return self._read(decode_listings, self._get("/fapi/v1/exchangeInfo", {}, _LIGHT_WEIGHT, light=True))

    def trades_from(self, symbol: str, first_id: int, limit: int = AGG_TRADES_LIMIT) -> Ticks:
        """Up to `limit` trades with id >= first_id. Raises Refusal for a page with a row that cannot be true: it does
        not prove that there is no such trade.
        """
        query: dict[str, str | int] = {"symbol": symbol, "fromId": first_id, "limit": limit}
        ticks, bad_rows = self._agg_trades(query)
        if bad_rows:
            self._trouble = f"{host_of(self._base)} answers with {bad_rows} rows of {symbol} that cannot be true"
            raise Refusal(self._trouble, requests.codes.ok, about_request=True)
        return ticks

    def newest_trades(self, symbol: str, limit: int = AGG_TRADES_LIMIT) -> Ticks:
        """The newest `limit` trades, without rows that cannot be true."""
        return self._agg_trades({"symbol": symbol, "limit": limit})[0]

    def _agg_trades(self, query: dict[str, str | int]) -> tuple[Ticks, int]:
        body = self._get("/fapi/v1/aggTrades", query, _AGG_TRADES_WEIGHT)
        offset_ms = self._offset_ms
        now_ms = self._clock.now_ms() if offset_ms is None else self._clock.monotonic_ms() + offset_ms
        return self._read(lambda answer: decode_agg_trades(answer, now_ms + _AHEAD_MS), body)

    def candles(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        """Closed bars as the exchange tells them (klines) with start_ms <= start < end_ms, at most 1500, the oldest.

        BACKFILLED, first_id and last_id 0; spans without a trade have no row. Closed by the exchange's clock. Raises
        BadInput for timeframes below `1m`, which the exchange does not tell.
        """
        length_ms = timeframe.milliseconds
        if length_ms < Timeframe.M1.milliseconds:
            raise BadInput(f"the exchange tells no bars of {timeframe}; ask for 1m or longer")
        offset_ms = self._known_offset_ms()
        wanted = -(-(end_ms - start_ms) // length_ms)
        if wanted <= 0:
            return Bars.empty()
        limit = min(wanted, CANDLES_LIMIT)
        query: dict[str, str | int] = {
            "symbol": symbol,
            "interval": timeframe.value,
            "startTime": start_ms,
            "endTime": end_ms - 1,
            "limit": limit,
        }
        body = self._get("/fapi/v1/klines", query, candle_weight(limit))
        bars = self._read(lambda answer: decode_candles(answer, length_ms), body)
        closed_ms = self._clock.monotonic_ms() + offset_ms - length_ms
        return bars.rows((bars.start_ms >= start_ms) & (bars.start_ms < end_ms) & (bars.start_ms <= closed_ms))

    def quotes(self, symbol: str | None = None) -> tuple[Quote, ...]:
        """Best bid and ask of a symbol (weight 2), or of all (weight 5); none for what is not quoted on both sides."""
        body = self._get("/fapi/v1/ticker/bookTicker", _of(symbol), _QUOTE_WEIGHTS[symbol is None])
        return self._read(lambda answer: decode_quotes(answer, self._clock.monotonic_ms()), body)

    def fundings(self, symbol: str | None = None) -> tuple[Funding, ...]:
        """The funding to come of a symbol (weight 1), or of all (weight 10); none for what is never funded."""
        body = self._get("/fapi/v1/premiumIndex", _of(symbol), _FUNDING_WEIGHTS[symbol is None])
        return self._read(lambda answer: decode_fundings(answer, self._clock.monotonic_ms()), body)

    def _known_offset_ms(self) -> int:
        """The offset as it was last asked for, unless the machine slept or its clock was set since."""
        skew_ms = self._clock.now_ms() - self._clock.monotonic_ms()
        if self._offset_ms is None or abs(skew_ms - self._skew_ms) > _SKEW_MS:
            return self.clock_offset_ms()
        return self._offset_ms

    def _get(self, path: str, query: dict[str, str | int], weight: int, *, light: bool = False) -> bytes:
        while not self._stopping.is_set():
            with self._budget.door:
                now_ms = self._clock.now_ms()
                self._keep_silence(now_ms)
                wait_ms = self._budget.take(weight, now_ms, light=light)
                if not wait_ms:
                    return self._noted(self._base + path, query)
            self._stopping.wait(min(wait_ms, 1000) / 1000)
        raise SourceUnavailable("stopped")

    def _keep_silence(self, now_ms: int) -> None:
        left_ms = self._budget.silence_ms(now_ms)
        if left_ms:
            said = f" ({self._budget.reason})" if self._budget.reason else ""
            reason = f"{host_of(self._base)} has asked for silence for {-(-left_ms // 1000)} s more{said}"
            raise Silenced(reason, left_ms)

    def _noted(self, url: str, query: dict[str, str | int]) -> bytes:
        try:
            body = self._send(url, query)
        except SourceUnavailable as error:
            self._trouble = error.reason
            raise
        self._trouble = None
        return body

    def _send(self, url: str, query: dict[str, str | int]) -> bytes:
        try:
            answer = self._session.get(url, params=query, timeout=_TIMEOUT_S, allow_redirects=False, stream=True)
            with answer:
                # A ban holds from its first line on, whether or not the rest of the answer ever comes.
                self._heed(answer, url)
                body = self._capped_body(answer)
        except (requests.RequestException, OSError) as error:
            self._budget.failed(self._clock.now_ms())
            raise SourceUnavailable(failure_reason(error, url)) from error
        if answer.status_code >= _SERVER_FAULT:
            self._budget.failed(self._clock.now_ms())
        else:
            self._budget.answered()
        if answer.status_code != requests.codes.ok:
            said = decode_fault(body)
            reason = status_reason(answer.status_code, url) + (f": {said}" if said else "")
            about_request = answer.status_code == _BAD_REQUEST and said is not None
            raise Refusal(reason, answer.status_code, about_request=about_request)
        if body.lstrip()[:1] == b"<":
            raise SourceUnavailable(f"something in between answers for {host_of(url)}: a login page?")
        return body

    def _heed(self, answer: requests.Response, url: str) -> None:
        now_ms = self._clock.now_ms()
        used = answer.headers.get("X-MBX-USED-WEIGHT-1M", "")
        if used.isascii() and used.isdecimal() and len(used) <= 9:
            self._budget.told(int(used), now_ms)
        quiet_ms = silence_ms(answer.status_code, answer.headers.get("Retry-After"), now_ms)
        if quiet_ms:
            self._budget.silenced(quiet_ms, now_ms, status_reason(answer.status_code, url))

    def _capped_body(self, answer: requests.Response) -> bytes:
        body = bytearray()
        began_ms = self._clock.monotonic_ms()
        for chunk in answer.iter_content(1 << 16):
            body += chunk
            if len(body) > _BODY_LIMIT:
                raise SourceUnavailable(f"{host_of(answer.url)} answers with more than {_BODY_LIMIT >> 20} MiB")
            if self._clock.monotonic_ms() - began_ms > _LONGEST_ANSWER_MS:
                raise SourceUnavailable(f"{host_of(answer.url)} has not finished its answer in time")
        return bytes(body)

    def _read(self, decode: Callable[[bytes], _Answer], body: bytes) -> _Answer:
        try:
            return decode(body)
        except MalformedFrame as error:
            self._trouble = f"{host_of(self._base)} answers with something else: {error.reason}"
            raise SourceUnavailable(self._trouble) from error


def _of(symbol: str | None) -> dict[str, str | int]:
    return {} if symbol is None else {"symbol": symbol}
