"""Every error the product raises on purpose, on one page.

    PairwatchError
    ├── BadInput                 what a user or a client gave cannot be used; the message names the cure
    │   ├── UnknownSymbol        .symbol
    │   ├── UnknownTimeframe     .name
    │   ├── UnknownName          .kind .name: nothing of that name is kept
    │   └── NameTaken            .kind .name
    ├── NotEstimable             a statistic has no honest value for these data
    │   ├── NotEnoughData        .needed .got
    │   └── DegenerateData       .what (constant, collinear, not positive)
    ├── MalformedFrame           bytes from outside that are not what the protocol promises
    ├── StoreError               the store cannot do what was asked
    ├── SourceUnavailable        the exchange cannot be reached, .reason is a sentence for the screen
    └── ReceiverUnavailable      who is to be told of an alert cannot be reached now, .reason is a sentence

Each carries its numbers as attributes, so that a seam (Desk, REST, page) can translate it without reading the text.
"""

from __future__ import annotations


class PairwatchError(Exception):
    """Root of the tree. Never raised itself."""


class BadInput(PairwatchError):
    """What was given cannot be used. The message names the place and the cure."""


class UnknownSymbol(BadInput):
    """A symbol that the exchange does not list, or that nobody watches."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        bare, at, dataset = symbol.partition("@")
        told = f"{symbol} is not a symbol known here; pick one that the exchange lists, such as BTCUSDT"
        super().__init__(f"there is no {bare} in a dataset {dataset}; GET /api/datasets lists them" if at else told)


class UnknownTimeframe(BadInput):
    """A timeframe name outside the closed list."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        super().__init__(f"“{name[:20]}” is not a timeframe; choose one of {', '.join(known)}")


class UnknownName(BadInput):
    """Nothing of that name is kept. `kind` is a word for what was sought, such as watchlist."""

    def __init__(self, kind: str, name: str, known: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.name = name
        there = f"there is {', '.join(f'“{one}”' for one in known[:8])}" if known else "there is none yet"
        super().__init__(f"no {kind} is called “{name}”; {there}")


class NameTaken(BadInput):
    """Another thing of that kind has the name already."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name
        super().__init__(f"a {kind} is called “{name}” already; choose another name")


class NotEstimable(PairwatchError):
    """A statistic has no honest value for these data."""


class NotEnoughData(NotEstimable):
    """Too few observations. `needed` and `got` count observations."""

    def __init__(self, needed: int, got: int, what: str = "bars") -> None:
        self.needed = needed
        self.got = got
        super().__init__(f"need {needed} {what}, got {got}")


class DegenerateData(NotEstimable):
    """The data cannot identify the statistic: a constant leg, collinear legs, a price that is not positive."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


class MalformedFrame(PairwatchError):
    """Bytes from outside that break the protocol. `reason` is short and safe to log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class StoreError(PairwatchError):
    """The store cannot do what was asked; the message names the cure."""


class SourceUnavailable(PairwatchError):
    """The exchange cannot be reached or refuses us. `reason` is a sentence for the screen."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class ReceiverUnavailable(PairwatchError):
    """A receiver of alerts cannot be reached now, or broke off. `reason` is a sentence without its address."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
