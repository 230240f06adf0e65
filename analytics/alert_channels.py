"""Where alerts are sent to, and what waits to be sent. Frozen; secrets never show in a repr, a log or an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn, get_args

ChannelKind = Literal["webhook", "apprise"]
OutboxState = Literal["WAITING", "SENT", "FAILED"]

CHANNEL_KINDS: Final[tuple[ChannelKind, ...]] = get_args(ChannelKind)
MOST_CHANNELS: Final = 16  # each has a thread of its own while something waits for it
MASK: Final = "•••"


class SecretText:
    """A text that shows as dots wherever it is printed, formatted, compared in a failing test or put into an error.

    `reveal` is the only way out, so that every use can be found by that word. Pickling is refused.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: for the wire and for the database, never for a message."""
        return self._text

    def __repr__(self) -> str:
        return f"SecretText({MASK})"

    def __str__(self) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, SecretText) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")

    def __copy__(self) -> SecretText:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> SecretText:
        return self


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A span of every day in which nothing is sent; it goes out as one digest when the span ends.

    start_minute, end_minute: of the day in `zone`, 0 to 1439; an end before the start is on the next day.
    zone: an IANA name, such as "Europe/Berlin" or "UTC".
    """

    start_minute: int
    end_minute: int
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Channel:
    """One receiver, by a name that rules call it by.

    url: a secret, because whoever knows it may write there.  signing: secrets of a webhook, `whsec_` and base64, the
    newest first, at most two (the second while it is being replaced).
    """

    name: str
    kind: ChannelKind
    url: SecretText
    signing: tuple[SecretText, ...] = ()
    quiet: QuietHours | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message for one channel. id: grows with the time of recording.

    body: JSON, see docs/alerts.md.  attempts: how often it was tried.  next_ms: not tried again before, wall time UTC.
    created_ms: when it was recorded, wall time UTC.  receipt: what the last attempt was answered, as a sentence
    without secrets.  held_back: it goes out with a digest.
    """

    id: int
    event_id: str
    channel: str
    body: str
    created_ms: int
    state: OutboxState = "WAITING"
    attempts: int = 0
    next_ms: int = 0
    receipt: str | None = None
    held_back: bool = False
