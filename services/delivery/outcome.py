"""What became of one attempt to tell somebody, and whether it is worth another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, Literal
from urllib.parse import urlsplit

from analytics.alert_channels import MASK, SecretText
from services.delivery.post import Reply

Fate = Literal["accepted", "again", "refused", "gone"]

LONGEST_RECEIPT: Final = 300
LONGEST_WAIT_MS: Final = 3_600_000
_AGAIN: Final = frozenset({408, 425, 429})
_GONE: Final = 410
_SHORTEST_SECRET: Final = 4  # shorter parts of an address are words, and hiding them would only garble a sentence


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt. fate: again is worth another try, refused is not, gone asks to be told nothing more.

    receipt: what was answered, or why nothing was, as a sentence without secrets.  wait_ms: at least that long before
    the next try, as the receiver asked, at most an hour; None when it asked for nothing.
    """

    fate: Fate
    receipt: str
    wait_ms: int | None = None


def outcome_of(reply: Reply, now_ms: int) -> Outcome:
    """By the status: 2xx accepted; 408, 425, 429 and 5xx again; every other refused, 3xx too; 410 gone."""
    said = f"{reply.status}{_phrase(reply.status)} in {reply.took_ms} ms"
    request = plain(reply.request_id or "")[:64]
    said += f", request {request}" if request else ""
    if 200 <= reply.status < 300:
        return Outcome("accepted", said)
    if reply.status in _AGAIN or reply.status >= 500:
        return Outcome("again", said, wait_asked_ms(reply.retry_after, now_ms))
    if 300 <= reply.status < 400:
        return Outcome("refused", f"{said}: redirects are not followed; give the address itself")
    return Outcome("gone" if reply.status == _GONE else "refused", said)


def wait_asked_ms(retry_after: str | None, now_ms: int) -> int | None:
    """A Retry-After header, in seconds or as a date, as milliseconds from now: 0 to an hour, None if it is neither."""
    text = (retry_after or "").strip()
    if re.fullmatch(r"[0-9]{1,12}", text):
        return min(int(text) * 1000, LONGEST_WAIT_MS)
    try:
        date = parsedate_to_datetime(text)
        at_ms = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() * 1000
    except (ValueError, OverflowError):
        return None
    return min(max(int(at_ms) - now_ms, 0), LONGEST_WAIT_MS)


def masked(text: str, secrets: Iterable[SecretText]) -> str:
    """A sentence with dots for every secret, and for every telling part of an address, that it holds; one line, cut."""
    hidden: set[str] = set()
    for secret in secrets:
        whole = secret.reveal()
        hidden.add(whole)
        if "://" in whole:
            hidden.update(_telling_parts(whole))
        else:
            hidden.add(whole.removeprefix("whsec_"))
    for one in sorted((one for one in hidden if len(one) >= _SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(one, MASK)
    return plain(text)[:LONGEST_RECEIPT]


def plain(text: str) -> str:
    """One line of printable letters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def stamp(now_ms: int) -> str:
    """A moment for a receipt, UTC to the second."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _telling_parts(url: str) -> set[str]:
    """Of an address everything but scheme, port and the host of a web address."""
    _, _, rest = url.partition("://")
    pieces = {piece for piece in re.split(r"[/?&=#:@]", rest) if piece}
    if url.startswith(("http://", "https://")):
        parts = urlsplit(url)
        pieces -= {parts.netloc.rpartition("@")[2].partition(":")[0]}
        pieces.add(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return pieces


def _phrase(status: int) -> str:
    return f" {HTTPStatus(status).phrase}" if status in HTTPStatus._value2member_map_ else ""
