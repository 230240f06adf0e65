"""What the page says about its data: badge, both legs behind it, banner, age, foot. Drawn when the feed changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from zlib import crc32

from dash import html

from analytics.datasets import dataset_of
from analytics.market import PairQuery
from analytics.status import MarketStatus, SymbolStatus
from layouts import numbers
from layouts.freshness import Freshness, freshness, looks, quiet_words, recorded_words
from layouts.marks import leg_mark, mark

Children = list[Any]

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


def badge(status: MarketStatus, query: PairQuery) -> Children:
    """State in a word, a shape and a colour; beside it lag, rate and age of the pair's data."""
    fresh = freshness(status, query)
    if dataset_of(query.y_symbol) is not None:
        return [_badge_word(fresh)]
    holes = f"{numbers.counted(fresh.holes_open, 'hole')} open" if fresh.holes_open else ""
    facts = {
        "holes": holes,
        "lag": f"{numbers.milliseconds(fresh.lag_ms)} lag",
        "rate": numbers.rate(status.messages_per_s, "msg"),
        "age": f"{numbers.duration(fresh.age_ms)} old",
    }
    return [
        _badge_word(fresh),
        *[html.Span(fact, className=f"badge__fact badge__{name}") for name, fact in facts.items() if fact],
    ]


def _badge_word(fresh: Freshness) -> html.Span:
    return html.Span(
        [mark(fresh.shape), fresh.word], className=f"badge__word tone--{fresh.tone}", title=fresh.reason or ""
    )


def badge_class(status: MarketStatus, query: PairQuery) -> str:
    """The badge's frame takes its tone."""
    return f"badge badge--{freshness(status, query).tone}"


def banner(status: MarketStatus, query: PairQuery) -> Children:
    """What must be known before any number is read; empty on a healthy live feed."""
    if dataset_of(query.y_symbol) is not None:
        return _told("square", f"{recorded_words(status, query)}.", " Nothing here is live.")
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
    if status.source != "live" or dataset_of(query.y_symbol) is not None:
        return "banner banner--mind"
    return "banner banner--bad" if banner(status, query) else "banner banner--none"


def age(status: MarketStatus, query: PairQuery) -> Children:
    """How old the cards' numbers are, and why when they are too old."""
    fresh: Freshness = freshness(status, query)
    if dataset_of(query.y_symbol) is not None:
        return ["recorded, not live"]
    if not fresh.stale:
        more = fresh.reason or quiet_words(status, query)
        return [f"{numbers.duration(fresh.age_ms)} old", f" · {more}" if more else ""]
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


def both_legs(status: MarketStatus, query: PairQuery) -> Children:
    """What the badge tells when it is pressed: a row a leg with its state, age, lag, rate and holes; reasons below."""
    if dataset_of(query.y_symbol) is not None:
        return [html.P(f"{recorded_words(status, query)}."), html.P("An uploaded file: nothing is live or old.")]
    legs = [
        (side, status.symbols.get(symbol) or SymbolStatus(symbol, "CONNECTING"))
        for side, symbol in (("y", query.y_symbol), ("x", query.x_symbol))
    ]
    heads = ("Leg", "State", "Last data", "Last trade", "Lag", "Rate", "Holes")
    rows = [html.Tr([html.Th(head, scope="col") for head in heads]), *(_leg_row(side, leg) for side, leg in legs)]
    reasons = [html.P(f"{leg.symbol}: {leg.reason.rstrip('.')}.") for _, leg in legs if leg.reason]
    whole = (
        f"All {numbers.counted(len(status.symbols), 'symbol')} watched: {numbers.rate(status.messages_per_s, 'msg')}."
    )
    return [html.Table(rows, className="feed-panel__legs"), *reasons, html.P(whole, className="feed-panel__whole")]


def _leg_row(side: str, leg: SymbolStatus) -> html.Tr:
    tone, shape = looks(leg.state)
    holes = f"{numbers.count(leg.gaps_open)} open, {numbers.count(leg.gaps_lost)} lost"
    return html.Tr(
        [
            html.Th([leg_mark(side), leg.symbol], scope="row"),
            html.Td([mark(shape), leg.state], className=f"tone--{tone}"),
            html.Td(_ago(leg.age_ms)),
            html.Td(_ago(leg.trade_age_ms)),
            html.Td(numbers.milliseconds(leg.lag_ms)),
            html.Td(numbers.rate(leg.messages_per_s, "msg")),
            html.Td(holes if leg.gaps_open + leg.gaps_lost else "none"),
        ]
    )


def _ago(age_ms: int | None) -> str:
    return numbers.DASH if age_ms is None else f"{numbers.duration(age_ms)} ago"


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
