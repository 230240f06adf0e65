"""How long the exchange wants silence after a refusal. Pure."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

# What each refusal costs when the exchange names no Retry-After of its own; for bans also the least that it costs.
_SILENCE_S = {403: 300, 418: 120, 429: 60, 451: 300}
_AT_LEAST_S = {403: 300, 418: 120, 429: 1, 451: 300}


def silence_ms(status: int, retry_after: str | None, now_ms: int) -> int:
    """Milliseconds without any request after HTTP `status`; 0 for one that asks for none.

    retry_after: the header's value, seconds or a date.

    >>> silence_ms(429, "7", 0), silence_ms(418, "7", 0), silence_ms(418, None, 0), silence_ms(500, "7", 0)
    (7000, 120000, 120000, 0)
    """
    if status not in _SILENCE_S:
        return 0
    asked_ms = _asked_ms(retry_after, now_ms)
    if asked_ms is None:
        return _SILENCE_S[status] * 1000
    return max(asked_ms, _AT_LEAST_S[status] * 1000)


def _asked_ms(retry_after: str | None, now_ms: int) -> int | None:
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal() and len(text) <= 12:
        return int(text) * 1000
    try:
        return max(round(parsedate_to_datetime(text).timestamp() * 1000) - now_ms, 0)
    except (ValueError, TypeError, OverflowError):
        return None
