"""The ledger of holes as a page shows it: what is missing first, and in one sentence what is lost for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final
from zlib import crc32

from dash import dcc, html

from analytics.market import Gap
from layouts import numbers
from layouts.marks import mark
from layouts.moments import span, stamp
from layouts.navigation import DATA
from layouts.tables import Column, table
from layouts.zone import UTC_ZONE, Zone

EVERY: Final = "all"
STATES: Final = ("OPEN", "LOST", "FILLED")

_LOOKS: Final = {"OPEN": ("mind", "half"), "LOST": ("bad", "cross"), "FILLED": ("good", "check")}
_SHOWN: Final = {"OPEN": 100, "LOST": 100, "FILLED": 30}
_ALONE: Final = 200  # rows of one state when it is asked for
_COLUMNS: Final = (
    Column("Symbol"),
    Column("State"),
    Column("First id", "number"),
    Column("Last id", "number"),
    Column("Trades", "number"),
    Column("Cause", "wide"),
)


def matching(ledger: Iterable[Gap], symbol: str, state: str) -> list[Gap]:
    """The rows of a symbol and a state (`EVERY` for any): open ones first, then lost, then filled, newest first."""
    wanted = [g for g in ledger if symbol in {EVERY, g.symbol} and state in {EVERY, g.state}]
    return sorted(wanted, key=lambda gap: (STATES.index(gap.state), -gap.opened_at_ms, gap.symbol, gap.first_id))


def summary(rows: list[Gap]) -> list[Any]:
    """How many holes of each state, and how many trades they are."""
    told: list[Any] = []
    for state in STATES:
        of_state = [gap for gap in rows if gap.state == state]
        tone, shape = _LOOKS[state]
        words = f"{numbers.counted(len(of_state), 'hole')} {state.lower()}"
        trades = f" · {numbers.counted(missing(of_state), 'trade')}" if of_state else ""
        told.append(html.Span([mark(shape), words, trades], className=f"tone--{tone if of_state else 'plain'}"))
    return told


def holes_table(rows: list[Gap], state: str, now_ms: int, zone: Zone = UTC_ZONE) -> list[Any]:
    """The rows, limited by state, and how many are left out."""
    limits = _SHOWN if state == EVERY else dict.fromkeys(STATES, _ALONE)
    taken: Counter[str] = Counter()
    shown: list[Gap] = []
    for gap in rows:
        taken[gap.state] += 1
        if taken[gap.state] <= limits[gap.state]:
            shown.append(gap)
    grid = table(
        "Holes in the sequence of trades",
        (*_COLUMNS, Column(f"Seen, {zone.place}", "number"), Column(f"Closed, {zone.place}", "number")),
        [_row(gap, now_ms, zone) for gap in shown],
        none="No hole: every trade since the first stored one is here."
        if state == EVERY
        else f"No hole is {state.lower()}.",
    )
    left_out = len(rows) - len(shown)
    more = f"and {numbers.counted(left_out, 'older row')}: the JSON file has them all"
    return [grid, html.P(more, className="rows__more")] if left_out else [grid]


def loss_sentence(lost: list[Gap], now_ms: int, zone: Zone = UTC_ZONE) -> str:
    """What is lost for good: how many holes, whose trades, and when it was seen."""
    trades: Counter[str] = Counter()
    for gap in lost:
        trades[gap.symbol] += missing([gap])
    whose = " and ".join(f"{numbers.counted(n, 'trade')} of {symbol}" for symbol, n in sorted(trades.items()))
    seen = [gap.opened_at_ms for gap in lost]
    when = span(min(seen), max(seen), now_ms, zone)
    are = "hole is" if len(lost) == 1 else "holes are"
    return f"{numbers.count(len(lost))} {are} lost for good ({whose}, seen {when})"


def loss_notice(lost: list[Gap], search: str | None, now_ms: int, zone: Zone = UTC_ZONE) -> list[Any]:
    """The sentence, and the way to the rows. search: the view, so that it is kept on the way."""
    return _with_way(loss_sentence(lost, now_ms, zone), search) if lost else []


def counted_notice(counts: Mapping[str, int], search: str | None) -> list[Any]:
    """The same while the rows themselves cannot be read. counts: lost holes by symbol."""
    whose = " and ".join(f"{numbers.count(n)} of {symbol}" for symbol, n in sorted(counts.items()))
    return _with_way(f"Holes are lost for good ({whose})", search) if counts else []


def _with_way(sentence: str, search: str | None) -> list[Any]:
    return [f"{sentence}: see ", dcc.Link("Data", href=f"{DATA.path}{search or ''}")]


def set_key(lost: list[Gap]) -> str:
    """Names a set of holes: another set has another name."""
    return f"{crc32(repr(sorted((g.symbol, g.first_id, g.last_id) for g in lost)).encode()):08x}"


def counted_key(counts: Mapping[str, int]) -> str | None:
    """Names what is known of a set of holes whose rows cannot be read; None for no hole."""
    return f"{crc32(repr(sorted(counts.items())).encode()):08x}" if counts else None


def missing(rows: Iterable[Gap]) -> int:
    """Trades inside these holes."""
    return sum(gap.last_id - gap.first_id + 1 for gap in rows)


def state_options() -> list[dict[str, str]]:
    """What the table can be narrowed to."""
    return [{"label": state.lower(), "value": state} for state in (EVERY, *STATES)]


def _row(gap: Gap, now_ms: int, zone: Zone) -> tuple[Any, ...]:
    tone, shape = _LOOKS[gap.state]
    return (
        gap.symbol,
        html.Span([mark(shape), gap.state], className=f"state tone--{tone}"),
        str(gap.first_id),
        str(gap.last_id),
        numbers.count(missing([gap])),
        gap.cause,
        stamp(gap.opened_at_ms, now_ms, zone),
        stamp(gap.closed_at_ms, now_ms, zone),
    )
