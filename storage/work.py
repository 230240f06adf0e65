"""What the writer is asked to do, and what comes of it: the changes, and what is committed of a symbol."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from analytics.market import Bars, Gap, Quality, Ticks, Timeframe
from storage.ledger import Ledger


@dataclass(frozen=True, slots=True, eq=False)
class TicksAdded:
    """Trades to store."""

    symbol: str
    ticks: Ticks
    backfilled: bool

    @property
    def rows(self) -> int:
        """How much work it is."""
        return len(self.ticks)

    @property
    def arrived(self) -> Quality:
        """The quality that these trades give to a bar."""
        return Quality.BACKFILLED if self.backfilled else Quality.COMPLETE


@dataclass(frozen=True, slots=True)
class GapOpened:
    """A hole to enter into the ledger."""

    gap: Gap
    rows: ClassVar[int] = 1

    @property
    def symbol(self) -> str:
        """Whose hole it is."""
        return self.gap.symbol


@dataclass(frozen=True, slots=True)
class GapLost:
    """Ids to give up."""

    symbol: str
    first_id: int
    last_id: int
    cause: str
    at_ms: int
    rows: ClassVar[int] = 1


@dataclass(frozen=True, slots=True, eq=False)
class CandlesTold:
    """Bars that the exchange told."""

    symbol: str
    timeframe: Timeframe
    candles: Bars

    @property
    def rows(self) -> int:
        """How much work it is."""
        return len(self.candles)


Change = TicksAdded | GapOpened | GapLost | CandlesTold


@dataclass(frozen=True, slots=True, eq=False)
class SymbolState:
    """What is committed of one symbol.

    unresolved: its OPEN and LOST rows.  tail: the trades of its newest second, tail_quality: the quality of that bar.
    history_version: grows whenever something other than newer trades changed.  removed_to: the newest id that retention
    has removed since the store was opened; older trades are not taken back.
    """

    symbol_id: int
    ticks_stored: int = 0
    first_id: int | None = None
    last_id: int | None = None
    unresolved: Ledger = ()
    tail: Ticks = field(default_factory=Ticks.empty)
    tail_quality: int = 0
    history_version: int = 0
    removed_to: int | None = None

    def after(self, before: SymbolState | None) -> SymbolState:
        """This state, read anew, as the successor of one that was known."""
        if before is None:
            return self
        return replace(self, history_version=before.history_version + 1, removed_to=before.removed_to)
