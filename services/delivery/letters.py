"""What one attempt carries: a letter, made of the bodies that wait in the outbox."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from analytics.alert_channels import OutboxRow
from analytics.errors import BadInput

Occasion = Literal["quiet_hours", "held_back"]

MOST_IN_A_DIGEST: Final = 200
LONGEST_TEXT: Final = 1800  # the narrowest of the usual receivers takes 2000
LATE: Final = "(late) "
_ID: Final = re.compile(r"[!-~]{1,200}")
_WHY: Final[Mapping[Occasion, str]] = {"quiet_hours": "in quiet hours", "held_back": "beyond the most per hour"}


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as a receiver gets it. id: the same at every attempt, so that a receiver can tell a repetition.

    title, text: for a person.  document: for a program, as docs/alerts.md describes it.
    """

    id: str
    title: str
    text: str
    document: Mapping[str, Any]

    def body(self, attempt: int) -> bytes:
        """The document as JSON. attempt: 1 for the first."""
        document = {**self.document, "data": {**self.document["data"], "attempt": attempt}}
        return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def letter_of(row: OutboxRow, *, late: bool) -> Letter:
    """One row as a letter. late: it is told after its time. Raises BadInput for a body that is not a message."""
    document = _document(row)
    data = dict(document["data"])
    late = late or data.get("late") is True
    data["late"] = late
    lead = LATE if late else ""
    data["title"], data["text"] = f"{lead}{data['title']}", cut(f"{lead}{data['text']}")
    return Letter(row.event_id, data["title"], data["text"], {**document, "data": data})


def digest_of(rows: Sequence[OutboxRow], why: Occasion, *, late: bool) -> Letter:
    """Many rows as one letter, oldest first; of the same rows always with the same id.

    rows: at least one, at most `MOST_IN_A_DIGEST`. Raises BadInput for a body that is not a message.
    """
    letters = [letter_of(row, late=late) for row in rows]
    told = letters[0].document
    ids = "\n".join(letter.id for letter in letters)
    title = f"Pairwatch: {len(letters)} {'alert' if len(letters) == 1 else 'alerts'} {_WHY[why]}"
    text = _lines(title, [letter.text for letter in letters])
    data: dict[str, Any] = {
        "id": f"digest-{hashlib.sha256(ids.encode()).hexdigest()[:24]}",
        "title": title,
        "text": text,
        "why": why,
        "late": late,
        "events": [letter.document for letter in letters],
    }
    return Letter(data["id"], title, text, {"type": "alert.digest", "timestamp": told["timestamp"], "data": data})


def trial_letter(identity: str, channel: str, at: str) -> Letter:
    """A test of a channel. identity: random, so that no receiver takes it for a repetition.  at: ISO 8601, UTC."""
    text = f"Test from Pairwatch: the channel “{channel}” works. Sent {at}."
    data: dict[str, Any] = {
        "id": f"test-{identity}",
        "title": "Test from Pairwatch",
        "text": text,
        "channel": channel,
        "late": False,
    }
    return Letter(data["id"], data["title"], text, {"type": "alert.test", "timestamp": at, "data": data})


def cut(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text of at most that many letters; what is cut off shows as an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _lines(title: str, texts: Sequence[str]) -> str:
    lines, used = [f"{title}:"], len(title) + 1
    for number, text in enumerate(texts):
        rest = f"… and {len(texts) - number} more"
        line = f"• {cut(text, 300)}"
        if used + len(line) + len(rest) + 2 > LONGEST_TEXT:
            return "\n".join([*lines, rest])
        lines.append(line)
        used += len(line) + 1
    return "\n".join(lines)


def _document(row: OutboxRow) -> Mapping[str, Any]:
    try:
        document = json.loads(row.body)
    except ValueError as error:
        raise BadInput(f"message {row.id} is not JSON") from error
    data = document.get("data") if isinstance(document, dict) else None
    whole = (
        isinstance(data, dict)
        and isinstance(data.get("title"), str)
        and isinstance(data.get("text"), str)
        and isinstance(document.get("timestamp"), str)
        and isinstance(document.get("type"), str)
    )
    if not whole:
        raise BadInput(f"message {row.id} lacks type, timestamp, title or text")
    if not _ID.fullmatch(row.event_id):
        raise BadInput(f"message {row.id} has an id that no header can carry")
    return dict(document)
