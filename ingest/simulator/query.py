"""Parameters of a REST request, checked as the exchange checks them."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from urllib.parse import parse_qsl

from ingest.simulator.replies import Refusal

_WHOLE = re.compile(r"[0-9]{1,19}")


class Query:
    """The query string of one request."""

    def __init__(self, text: str, listed: Container[str]) -> None:
        self._values: Mapping[str, str] = dict(parse_qsl(text, keep_blank_values=True))
        self._listed = listed

    def optional_symbol(self) -> str | None:
        """The symbol asked for, if any. Raises Refusal (-1121) when it is not listed."""
        symbol = self._values.get("symbol")
        if symbol is not None and symbol not in self._listed:
            raise Refusal(-1121, "Invalid symbol.")
        return symbol

    def symbol(self) -> str:
        """The symbol asked for. Raises Refusal (-1102, -1121)."""
        symbol = self.optional_symbol() if self._values.get("symbol") else None
        if symbol is None:
            raise Refusal(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
        return symbol

    def choice(self, name: str, known: Container[str], refusal: Refusal) -> str:
        """A word out of a closed list; raises `refusal` for any other, and Refusal (-1102) when it is missing."""
        value = self._values.get(name)
        if not value:
            raise Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
        if value not in known:
            raise refusal
        return value

    def whole(self, name: str) -> int | None:
        """A whole number >= 0, if sent. Raises Refusal (-1100)."""
        value = self._values.get(name)
        if value is None:
            return None
        if not _WHOLE.fullmatch(value):
            raise Refusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
        return int(value)

    def limit(self, default: int, most: int) -> int:
        """The number of rows. Raises Refusal (-1130) when it is 0 or more than `most`."""
        limit = self.whole("limit")
        if limit is None:
            return default
        if not 0 < limit <= most:
            raise Refusal(-1130, "Data sent for parameter 'limit' is not valid.")
        return limit

    def span(self) -> tuple[int | None, int | None]:
        """(startTime, endTime), each None when not sent. Raises Refusal (-1023) when they are the wrong way round."""
        start_ms, end_ms = self.whole("startTime"), self.whole("endTime")
        if start_ms is not None and end_ms is not None and start_ms > end_ms:
            raise Refusal(-1023, "Start time is greater than end time.")
        return start_ms, end_ms
