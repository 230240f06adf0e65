"""Names that stand twice in one JSON object: which of the two values was meant nobody can say; decoders take either.

Looking for them costs as much as decoding, so a batch of trades is first judged by its colons: messages of one kind
have equally many. Only where they do not is every name counted, and only where that fails is each message taken apart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

_COLON = 0x3A
# Below this many bytes the count of `bytes` is quicker than the way to numpy.
_SMALL = 4_096
_NAMES = tuple(f'"{name}":'.encode() for name in ("s", "a", "p", "q", "T", "m", "st"))


def may_hold_doubled_names(batch: bytes, messages: Sequence[bytes], trade: bytes, others: Sequence[bytes]) -> bool:
    """True when a message might name something twice. batch: all in one piece.  trade: the first trade.  others: those
    that are none.

    A trade that has one name more and another one less than its neighbours is not told from them.
    """
    colons = _colons(batch)
    for message in others:
        colons -= message.count(b":")
    if colons == (len(messages) - len(others)) * trade.count(b":") and not _names_twice(trade):
        return False
    return any(_names_twice(message) for message in messages)


def doubled_name(message: bytes) -> str | None:
    """A name that stands twice in one object of this JSON, or None. Raises ValueError and RecursionError as `json`."""
    found: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        names = [name for name, _ in pairs]
        found.extend(name for name in dict.fromkeys(names) if names.count(name) > 1)

    json.loads(message, object_pairs_hook=look)
    return found[0] if found else None


def _names_twice(message: bytes) -> bool:
    for name in _NAMES:  # noqa: SIM110  a generator doubles the cost of a batch of one
        if message.count(name) > 1:
            return True
    return False


def _colons(batch: bytes) -> int:
    if len(batch) < _SMALL:
        return batch.count(b":")
    return int(np.count_nonzero(np.frombuffer(batch, np.uint8) == _COLON))
