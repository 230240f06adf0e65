"""What the page says about its data: badge, banner, watched symbols, age, foot. Drawn when the feed's state changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from zlib import crc32

from dash import dcc, html

from analytics.market import Listing, PairQuery
from analytics.status import MarketStatus, SymbolStatus
from layouts import numbers
from layouts.address import with_leg, written
from layouts.freshness import Freshness, freshness, looks
from layouts.legs import leg
from layouts.marks import leg_mark, mark

Children = list[Any]

# Two hundred rows weigh as much as a chart.
_FEW: Final = 20
_MANY_MS: Final = 3_000

_STOPS_ALL: Final = frozenset({"OFFLINE", "BLOCKED"})
_ONE_LEG: Final[dict[str, str]] = {
    "HALTED": "Its numbers below stand still.",
    "MUTE": "Does it still trade, and is the feed's address the right one (PAIRWATCH_MARKET_WS_URL)?",
    "STALE": "The numbers below stand still; a new connection is tried.",
}
_NO_CONNECTION: Final[dict[str, str]] = {
    "MUTE": "No symbol gets any data: is the feed's address the right one (PAIRWATCH_MARKET_WS_URL)? "
    "The numbers below stand still.",
    "CONNECTING": "The numbers below stand still until data arrive.",
}


def mark_of(status: MarketStatus, query: PairQuery) -> int:
    """A number that changes when anything shown here would; within one second a quiet feed keeps it."""
    return crc32(repr((replace(status, now_ms=status.now_ms // 1000), query)).encode())


def watched_mark(status: MarketStatus, query: PairQuery) -> int:
    """A number that changes when the watched rows are to be drawn again: with many of them not at every heartbeat,
    but at once when a state or the view changes.
    """
    if len(status.symbols) <= _FEW:
        return mark_of(status, query)
    states = [(symbol.symbol, symbol.state) for symbol in status.symbols.values()]
    return crc32(repr((status.now_ms // _MANY_MS, states, query)).encode())


def badge(status: MarketStatus, query: PairQuery) -> Children:
    """State in a word, a shape and a colour; beside it lag, rate and age of the pair's data."""
    fresh = freshness(status, query)
    holes = f"{numbers.counted(fresh.holes_open, 'hole')} open" if fresh.holes_open else ""
    facts = {
        "holes": holes,
        "lag": f"{numbers.milliseconds(fresh.lag_ms)} lag",
        "rate": numbers.rate(status.messages_per_s, "msg"),
        "age": f"{numbers.duration(fresh.age_ms)} old",
    }
    return [
        html.Span(
            [mark(fresh.shape), fresh.word], className=f"badge__word tone--{fresh.tone}", title=fresh.reason or ""
        ),
        *[html.Span(fact, className=f"badge__fact badge__{name}") for name, fact in facts.items() if fact],
    ]


def badge_class(status: MarketStatus, query: PairQuery) -> str:
    """The badge's frame takes its tone."""
    return f"badge badge--{freshness(status, query).tone}"


def banner(status: MarketStatus, query: PairQuery) -> Children:
    """What must be known before any number is read; empty on a healthy live feed."""
    reason = f" {_sentence(status.source_reason)}" if status.source_reason else ""
    if status.source == "demo":
        return _told("diamond", "Demo market.", f" Simulated trades, not Binance.{reason}")
    if status.source == "replay":
        end = " The recording has come to its end." if status.finished else ""
        return _told("diamond", "Replay.", f" Recorded trades, not the market of now.{end}{reason}")
    fresh = freshness(status, query)
    state = status.state if status.state in _STOPS_ALL else fresh.state
    _, shape = looks(state)
    if state in _STOPS_ALL:
        stated = next((s.reason for s in status.symbols.values() if s.reason), None)
        told = reason or f" {_sentence(stated or 'no data arrives')}"
        return _told(shape, f"{state}.", f"{told} The numbers below stand still.")
    if status.state in _NO_CONNECTION and _tells_of_connections(status):
        return _told(looks(status.state)[1], f"{status.state}.", f"{reason} {_NO_CONNECTION[status.state]}")
    if state in _ONE_LEG:
        told = f" {fresh.symbol}: {(fresh.reason or 'no data').rstrip('.')}."
        return _told(shape, f"{state}.", f"{told} {_ONE_LEG[state]}{reason}")
    # What is left to say of a live market that delivers is that its trades cannot be written down.
    return _told("triangle", "Not stored yet.", reason) if reason else []


def _tells_of_connections(status: MarketStatus) -> bool:
    """Whether the market's reason is that of its connections, and not the store's: then the symbols tell it too."""
    told, symbols = status.source_reason or "", status.symbols.values()
    return bool(told) and (not symbols or any(one.reason and told.startswith(one.reason) for one in symbols))


def _sentence(words: str) -> str:
    """With a capital and a full stop; the feed's reasons come as clauses. A host's name stays as it is."""
    first = words[0] if "." in words.split(maxsplit=1)[0].rstrip(".") else words[0].upper()
    return f"{first}{words[1:].rstrip('.')}."


def _told(shape: str, word: str, sentence: str) -> Children:
    return [mark(shape), html.Span([html.Strong(word), sentence])]


def banner_class(status: MarketStatus, query: PairQuery) -> str:
    """Amber for a market that is not the live one, red for a live one that is out of reach, none when all is well."""
    if status.source != "live":
        return "banner banner--mind"
    return "banner banner--bad" if banner(status, query) else "banner banner--none"


def age(status: MarketStatus, query: PairQuery) -> Children:
    """How old the cards' numbers are, and why when they are too old."""
    fresh: Freshness = freshness(status, query)
    if not fresh.stale:
        return [f"{numbers.duration(fresh.age_ms)} old", f" · {fresh.reason}" if fresh.reason else ""]
    told = "no data yet" if fresh.age_ms is None else f"{numbers.duration(fresh.age_ms)} old"
    return [mark("triangle"), html.Strong(told), f" · {fresh.reason or fresh.word.lower()}"]


def cards_class(status: MarketStatus, query: PairQuery) -> str:
    """Greys the cards when their numbers are too old to act on."""
    return "cards cards--stale" if freshness(status, query).stale else "cards"


def cards_style(status: MarketStatus, query: PairQuery) -> dict[str, str]:
    """The age that stands beside every number that is too old, as the stylesheet takes it."""
    fresh = freshness(status, query)
    if not fresh.stale:
        return {}
    told = "no data yet" if fresh.age_ms is None else f"{numbers.duration(fresh.age_ms)} old"
    return {"--age": f'"{told}"'}


def relation_class(status: MarketStatus, query: PairQuery) -> str:
    """Greys the Relation page as well."""
    stale = " relation__columns--stale" if freshness(status, query).stale else ""
    return f"relation__columns{stale}"


def watched(status: MarketStatus, query: PairQuery, listings: tuple[Listing, ...]) -> Children:
    """A row a symbol: leg, price, state, age, lag, rate. A row is a link that makes its symbol the y leg."""
    rows: Children = [_row(symbol, query, listings) for symbol in status.symbols.values()]
    return rows or [html.P("No symbol is watched yet.", className="watched__none")]


def _row(symbol: SymbolStatus, query: PairQuery, listings: tuple[Listing, ...]) -> dcc.Link:
    listed = leg(symbol.symbol, listings)
    side = {query.y_symbol: "y", query.x_symbol: "x"}.get(symbol.symbol)
    tone, shape = looks(symbol.state)
    price = numbers.DASH if symbol.last_price is None else numbers.fixed(symbol.last_price, listed.decimals)
    flow = (
        numbers.duration(symbol.age_ms),
        numbers.milliseconds(symbol.lag_ms),
        numbers.rate(symbol.messages_per_s),
    )
    return dcc.Link(
        [
            html.Span([leg_mark(side), symbol.symbol], className="watched__symbol"),
            html.Span(price, className="watched__price"),
            html.Span([mark(shape), symbol.state.lower()], className=f"watched__state tone--{tone}"),
            html.Span(" · ".join(flow), className="watched__flow"),
        ],
        href=written(query if side == "y" else with_leg(query, y=symbol.symbol)),
        className=f"watched__row watched__row--{side or 'none'}",
        title=symbol.reason or f"Make {symbol.symbol} the y leg",
    )


def foot(status: MarketStatus) -> Children:
    """What the store holds, and what it does not."""
    symbols = status.symbols.values()
    stored, opened, lost, aside = (
        sum(getattr(s, name) for s in symbols) for name in ("ticks_stored", "gaps_open", "gaps_lost", "quarantined")
    )
    tone, shape = ("good", "circle") if not opened + lost else ("mind", "triangle")
    source = {"live": "Binance USD-M futures", "demo": "demo market on this machine", "replay": "a recording"}
    return [
        html.Span([mark(shape), f"{numbers.count(stored)} trades stored"], className=f"tone--{tone}"),
        html.Span(f"{numbers.counted(opened, 'gap')} open, {numbers.count(lost)} lost"),
        html.Span(f"{numbers.count(status.queue_depth)} waiting to be written"),
        html.Span(f"{numbers.counted(aside, 'row')} set aside") if aside else None,
        html.Span(f"Source: {source[status.source]}", className="foot__source"),
    ]
