"""Scripted REST answers, and the record of what was asked."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ingest.simulator.faults.lease import Lease
from ingest.simulator.faults.orders import RestAnswer
from ingest.simulator.replies import HTML_PAGE, Refusal, Reply

_REMEMBERED = 10_000
_COUNTED_PATHS = 1_000
_CODES = {418: -1003, 429: -1003, 403: -1000, 451: 0, 503: -1001}
_SENTENCES = {
    418: "Way too many requests; IP banned until {until}. Please use the websocket for live updates to avoid bans.",
    429: "Too many requests. Please use the websocket for live updates to avoid polling the API.",
    451: "Service unavailable from a restricted location according to 'b. Eligibility'.",
    503: "Unknown error, please check your request or try again later.",
}


class RequestLog:
    """Every REST request: the newest 10 000 in full, and a count of all of them by path and status."""

    def __init__(self) -> None:
        self._rows: deque[list[Any]] = deque(maxlen=_REMEMBERED)
        self._counts: dict[str, Counter[int]] = defaultdict(Counter)

    def arrived(self, now_s: float, target: str) -> Callable[[int], None]:
        """Note a request; what comes back notes its status (0: closed without an answer)."""
        parts = urlsplit(target)
        row: list[Any] = [round(now_s * 1_000), parts.path[:200], parts.query[:1_000], None]
        self._rows.append(row)

        def answered(status: int) -> None:
            row[3] = status
            known = row[1] in self._counts or len(self._counts) < _COUNTED_PATHS
            self._counts[row[1] if known else "(other)"][status] += 1

        return answered

    def state(self) -> dict[str, Any]:
        """Counts and log, as plain JSON values; a request that waits for its answer has the status null."""
        counts = {path: {str(status): n for status, n in by.items()} for path, by in self._counts.items()}
        return {"count": counts, "log": [list(row) for row in self._rows]}


@dataclass(frozen=True, slots=True)
class _Script:
    order: RestAnswer
    lease: Lease


class ScriptedRest:
    """REST, with answers from a script where there is one: the newest script that fits the path."""

    def __init__(
        self, answer: Callable[[str, str], Awaitable[Reply]], now_ms: Callable[[], int], log: RequestLog
    ) -> None:
        self._answer = answer
        self._now_ms = now_ms
        self._log = log
        self._scripts: list[_Script] = []

    def follow(self, order: RestAnswer, now_s: float) -> None:
        """Answer like this from now on."""
        self._scripts.append(_Script(order, Lease.starting(now_s, count=order.count, for_s=order.for_s)))

    def clear(self) -> None:
        """Answer truthfully."""
        self._scripts.clear()

    def in_force(self, now_s: float) -> list[tuple[RestAnswer, int]]:
        """The scripts that may still answer, and how often each did."""
        self._scripts = [script for script in self._scripts if script.lease.holds(now_s)]
        return [(script.order, script.lease.used) for script in self._scripts]

    async def reply(self, method: str, target: str) -> Reply:
        """The answer to one request."""
        now_s = asyncio.get_running_loop().time()
        answered = self._log.arrived(now_s, target)
        script = self._next(target, now_s) if self._scripts else None
        reply = await (self._answer(method, target) if script is None else self._scripted(script, method, target))
        answered(0 if reply.sent == "nothing" else reply.status)
        return reply

    def _next(self, target: str, now_s: float) -> RestAnswer | None:
        path = urlsplit(target).path
        for script in reversed(self._scripts):
            if script.lease.holds(now_s) and path.startswith(script.order.path):
                script.lease.use()
                return script.order
        return None

    async def _scripted(self, order: RestAnswer, method: str, target: str) -> Reply:
        if order.delay_s:
            await asyncio.sleep(order.delay_s)
        if order.drop:
            return Reply(503, b"", sent="nothing")
        if order.status is None or (order.status == 200 and order.body == "json"):
            reply = await self._answer(method, target)
        else:
            reply = self._told(order)
        if order.body == "html":
            reply = replace(reply, body=HTML_PAGE, content_type="text/html; charset=UTF-8")
        elif order.body == "empty":
            reply = replace(reply, body=b"")
        elif order.body == "truncated":
            reply = replace(reply, sent="half")
        if order.retry_after is not None:
            reply = replace(reply, headers=(*reply.headers, ("Retry-After", str(order.retry_after))))
        return reply

    def _told(self, order: RestAnswer) -> Reply:
        status = order.status or 200
        until_ms = self._now_ms() + 1_000 * (order.retry_after or 0)
        sentence = _SENTENCES.get(status, "The exchange answers with status {status}.")
        return Refusal(_CODES.get(status, -1000), sentence.format(until=until_ms, status=status), status).reply()
