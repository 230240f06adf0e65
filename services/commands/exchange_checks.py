"""The doctor's questions to the exchange: REST, and each WebSocket route by the data that it delivers.

Every question is asked on a thread of its own, all at once: a name server that does not answer cannot be timed out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy

from analytics.errors import SourceUnavailable
from ingest.ban_file import remembered_budget
from ingest.binance import heartbeat_stream
from ingest.hearing import book_stream, hear
from ingest.reasons import host_of
from ingest.rest import RestClient
from ingest.route import LOOPBACK, ProxyRefusal, proxy_for
from ingest.weight import WeightBudget
from services.commands.findings import Finding
from services.data_folder import bans_file
from settings import Settings

_CLOCK_WARNS_AT_MS = 1_000
_TELLS_LATER_MS = 500
_WITHOUT = "python app.py --source demo works without the exchange"

_Answer = TypeVar("_Answer")


class _Clock(Protocol):
    def now_ms(self) -> int: ...
    def monotonic_ms(self) -> int: ...


@dataclass(frozen=True, slots=True)
class _Time:
    """round_trip_ms: of one request.  ahead_ms: the exchange's clock minus this machine's wall clock."""

    round_trip_ms: int
    ahead_ms: int


class _Question(threading.Thread, Generic[_Answer]):
    """One question on its way."""

    def __init__(self, name: str, ask: Callable[[], _Answer]) -> None:
        super().__init__(name=f"doctor-{name}", daemon=True)
        self._ask = ask
        self._answers: list[_Answer] = []
        self._failure: SourceUnavailable | None = None
        self.start()

    def run(self) -> None:
        """Ask."""
        try:
            self._answers.append(self._ask())
        except SourceUnavailable as error:
            self._failure = error

    def answer(self, within_s: float) -> _Answer:
        """Wait for the answer. Raises SourceUnavailable."""
        self.join(max(within_s, 0.0))
        if self._failure is not None:
            raise self._failure
        if not self._answers:
            raise SourceUnavailable("no answer in time: the network or the name server is silent")
        return self._answers[0]


class ExchangeChecks:
    """Asks as soon as it is made; `findings` waits for the answers, until `within_s` after that."""

    def __init__(self, settings: Settings, clock: _Clock, within_s: float) -> None:
        self._settings = settings
        self._clock = clock
        self._until_ms = clock.monotonic_ms() + round(within_s * 1000)
        self._budget = remembered_budget(bans_file(settings), settings.rest_url, clock.now_ms())
        self._silent_ms = self._budget.silence_ms(clock.now_ms())
        # A little earlier than the end, so that each tells its own reason.
        wait_s = within_s - _TELLS_LATER_MS / 1000
        self._time = None if self._silent_ms else _Question("rest", lambda: _asked_time(settings, clock, self._budget))
        symbol = settings.symbols[0]
        self._market = _Question(
            "market",
            lambda: hear(
                settings.market_ws_url,
                heartbeat_stream(symbol),
                lambda decoded: decoded.marks,
                clock.monotonic_ms,
                within_s=wait_s,
            ),
        )
        self._public = _Question(
            "public",
            lambda: hear(
                settings.public_ws_url,
                book_stream(symbol),
                lambda decoded: decoded.books,
                clock.monotonic_ms,
                within_s=wait_s,
            ),
        )

    def findings(self) -> list[Finding]:
        """REST and its clock, the two routes, the proxies, and the ban."""
        return [*self._rest(), *self._routes(), self._proxies(), self._ban()]

    def _left_s(self) -> float:
        return (self._until_ms - self._clock.monotonic_ms()) / 1000

    def _rest(self) -> list[Finding]:
        if self._time is None:
            return [Finding("warn", "rest", "not asked, because a ban is in force (see below)")]
        try:
            told = self._time.answer(self._left_s())
        except SourceUnavailable as error:
            return [Finding("FAIL", "rest", error.reason, _cure(error.reason))]
        answers = Finding("ok", "rest", f"{host_of(self._settings.rest_url)} answers in {told.round_trip_ms} ms")
        return [answers, _clock_finding(told.ahead_ms)]

    def _routes(self) -> list[Finding]:
        found = []
        for name, question, url, what in (
            ("market", self._market, self._settings.market_ws_url, "mark prices"),
            ("public", self._public, self._settings.public_ws_url, "best bid and ask"),
        ):
            try:
                heard = question.answer(self._left_s())
            except SourceUnavailable as error:
                found.append(Finding("FAIL", name, error.reason, _route_cure(name, error.reason)))
            else:
                path = urlsplit(url).path or "/"
                text = f"{host_of(url)}{path} delivers {what}: open after {heard.opened_ms} ms, data {heard.data_ms} ms"
                found.append(Finding("ok", name, text))
        return found

    def _proxies(self) -> Finding:
        rest, market = self._settings.rest_url, self._settings.market_ws_url
        try:
            chosen = proxy_for(market)
        except ProxyRefusal as error:
            return Finding("FAIL", "proxy", str(error), "set HTTPS_PROXY to an http:// address, or unset it")
        told = []
        if (named := _rest_proxy(rest)) is not None:
            told.append(f"REST through {named}")
        if chosen is not None:
            login = " (with a login)" if chosen.credentials else ""
            told.append(f"WebSocket through {chosen.host}:{chosen.port}{login}")
        return Finding("ok", "proxy", ", ".join(told) or "none is named for the exchange")

    def _ban(self) -> Finding:
        # Asked anew: the request of this very examination may have met one.
        left_ms = self._budget.silence_ms(self._clock.now_ms())
        host = host_of(self._settings.rest_url)
        if not left_ms:
            return Finding("ok", "ban", f"{host} has asked for no silence")
        said = f" ({self._budget.reason})" if self._budget.reason else ""
        return Finding(
            "warn",
            "ban",
            f"{host} has asked for silence for {left_ms // 1000 + 1} s more{said}; no REST request is sent until then",
            "wait; live trades arrive all the same, holes are filled afterwards",
        )


def _asked_time(settings: Settings, clock: _Clock, budget: WeightBudget) -> _Time:
    client = RestClient(settings.rest_url, clock, budget)
    try:
        # Once for the connection, once for the time: a handshake would count as a clock that is wrong.
        client.clock_offset_ms()
        began_ms = clock.monotonic_ms()
        offset_ms = client.clock_offset_ms()
        ended_ms = clock.monotonic_ms()
        return _Time(ended_ms - began_ms, offset_ms - (clock.now_ms() - ended_ms))
    finally:
        client.close()


def _clock_finding(ahead_ms: int) -> Finding:
    where = "behind" if ahead_ms > 0 else "ahead of"
    found = f"this machine's clock is {abs(ahead_ms) / 1000:.3f} s {where} the exchange's"
    if abs(ahead_ms) <= _CLOCK_WARNS_AT_MS:
        return Finding("ok", "clock", found)
    return Finding("warn", "clock", found, "let the system set its clock from the network (NTP)")


def _rest_proxy(url: str) -> str | None:
    """Host and port only: what else stands in the setting may be a password."""
    if host_of(url) in LOOPBACK:
        return None
    chosen = select_proxy(url, get_environ_proxies(url))
    if not chosen:
        return None
    parts = urlsplit(chosen if "://" in chosen else f"http://{chosen}")
    login = " (with a login)" if parts.username else ""
    return f"{parts.hostname}:{parts.port}{login}" if parts.port else f"{parts.hostname}{login}"


def _cure(reason: str) -> str:
    if "451" in reason:
        return f"nothing here can change that; {_WITHOUT}"
    if "certificate" in reason:
        return f"name the certificate of your company's proxy in REQUESTS_CA_BUNDLE; {_WITHOUT}"
    return f"check network, proxy and firewall; {_WITHOUT}"


def _route_cure(name: str, reason: str) -> str:
    if "mute" in reason:
        return f"check --{name}-ws-url (it must end in the route) and the first of --symbols"
    return _cure(reason)
