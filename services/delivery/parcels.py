"""What to send to a channel next, and when: pure, so that after a crash the same rows make the same letter again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analytics.alert_channels import OutboxRow, QuietHours
from services.delivery.letters import MOST_IN_A_DIGEST, Letter, Occasion, digest_of, letter_of
from services.delivery.quiet import quiet_end_ms

HELD_BACK_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Parcel:
    """Rows that go out together. release_ms: not before, wall time UTC; 0: at once.  why: None for a single row."""

    rows: tuple[OutboxRow, ...]
    release_ms: int
    why: Occasion | None = None

    @property
    def ids(self) -> tuple[int, ...]:
        """Of its rows."""
        return tuple(row.id for row in self.rows)

    @property
    def attempts(self) -> int:
        """How often its first row was tried."""
        return self.rows[0].attempts

    def letter(self, started_ms: int) -> Letter:
        """What is sent. started_ms: rows from before are late. Raises BadInput for a body that is not a message."""
        late = any(row.created_ms < started_ms for row in self.rows)
        if self.why is None:
            return letter_of(self.rows[0], late=late)
        return digest_of(self.rows, self.why, late=late)


def next_parcel(rows: Sequence[OutboxRow], quiet: QuietHours | None, now_ms: int) -> Parcel | None:
    """What goes out next of the rows that wait for a channel, oldest first; None when there are none.

    A row of quiet hours waits for their end and goes out with the others of the same night; a row that was held back
    waits for an hour after the first such one, or until a digest is full. In quiet hours nothing is released. Rows of
    neither kind keep their order and never wait for those that were held back. Raises BadInput for an unknown zone.
    """
    held = [row for row in rows if row.held_back]
    prompt = [row for row in rows if not row.held_back]
    parcels = [made for made in (_held_back(held, quiet), _first(prompt, quiet)) if made is not None]
    if not parcels:
        return None
    chosen = min(parcels, key=lambda one: (max(one.release_ms, now_ms), one.rows[0].id))
    awake_ms = quiet_end_ms(quiet, max(chosen.release_ms, now_ms))
    return chosen if awake_ms is None else Parcel(chosen.rows, awake_ms, chosen.why)


def _first(rows: Sequence[OutboxRow], quiet: QuietHours | None) -> Parcel | None:
    if not rows:
        return None
    first = rows[0]
    end_ms = quiet_end_ms(quiet, first.created_ms)
    if end_ms is None:
        return Parcel((first,), first.next_ms if first.attempts == 0 else 0)
    night: list[OutboxRow] = []
    for row in rows[:MOST_IN_A_DIGEST]:
        if quiet_end_ms(quiet, row.created_ms) != end_ms:
            break
        night.append(row)
    return Parcel(tuple(night), end_ms, "quiet_hours")


def _held_back(rows: Sequence[OutboxRow], quiet: QuietHours | None) -> Parcel | None:
    if not rows:
        return None
    release_ms = rows[0].created_ms + HELD_BACK_MS
    release_ms = quiet_end_ms(quiet, release_ms) or release_ms
    together = tuple(row for row in rows if row.created_ms < release_ms)[:MOST_IN_A_DIGEST]
    full = len(together) == MOST_IN_A_DIGEST
    return Parcel(together, together[-1].created_ms if full else release_ms, "held_back")
