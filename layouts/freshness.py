"""Can the numbers of a pair be relied on at this moment? One answer for badge, cards and tab title."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from analytics.datasets import dataset_of
from analytics.market import PairQuery
from analytics.status import CONCERN_ALL, FLOWING, OLD_MS, WORST_FIRST, FeedState, MarketStatus, Recorded, SymbolStatus
from layouts import numbers

Tone = Literal["good", "mind", "bad", "plain"]

QUIET_MS: Final = 5_000  # a leg without a trade for so long is told of, though its heartbeat goes on

_LOOKS: Final[dict[FeedState, tuple[Tone, str]]] = {
    "HALTED": ("bad", "cross"),
    "BLOCKED": ("bad", "cross"),
    "OFFLINE": ("bad", "square"),
    "MUTE": ("bad", "triangle"),
    "STALE": ("bad", "triangle"),
    "CONNECTING": ("mind", "ring"),
    "DELAYED": ("mind", "diamond"),
    "FINISHED": ("plain", "square"),
    "BACKFILLING": ("mind", "half"),
    "LIVE": ("good", "circle"),
}


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh a pair is.

    word, tone, shape: the badge.  reason: a sentence when all is not well.  age_ms, lag_ms: of the worse leg, None
    when unknown.  stale: the numbers are to be greyed.  state: the worse leg's.  symbol: that leg.  holes_open: of
    both legs.
    """

    word: str
    tone: Tone
    shape: str
    reason: str | None
    age_ms: int | None
    lag_ms: int | None
    stale: bool
    state: FeedState
    symbol: str
    holes_open: int


def looks(state: FeedState) -> tuple[Tone, str]:
    """Tone and shape of a state; its word is the state itself."""
    return _LOOKS[state]


def freshness(status: MarketStatus, query: PairQuery) -> Freshness:
    """What the feed says of the two legs together. A leg without any status is still connecting.

    Of a dataset nothing is live, so nothing grows old: it says when it was recorded.
    """
    if dataset_of(query.y_symbol) is not None:
        return _recorded(status, query)
    legs = _legs(status, query)
    worst = min(legs, key=lambda leg: WORST_FIRST.index(leg.state))
    state = worst.state
    if status.state in CONCERN_ALL:
        state = min(state, status.state, key=WORST_FIRST.index)
    tone, shape = looks(state)
    word: str = state
    if status.source != "live":
        word = status.source.upper() if state == "LIVE" else f"{status.source.upper()} · {state}"
        tone, shape = ("mind", "diamond") if state == "LIVE" else (tone, shape)
    ages = [leg.age_ms for leg in legs]
    age_ms = None if None in ages else max(age for age in ages if age is not None)
    lags = [leg.lag_ms for leg in legs if leg.lag_ms is not None]
    return Freshness(
        word=word,
        tone=tone,
        shape=shape,
        reason=next((leg.reason for leg in legs if leg.state == state and leg.reason), None),
        age_ms=age_ms,
        lag_ms=max(lags) if lags else None,
        stale=state not in FLOWING or age_ms is None or age_ms > OLD_MS,
        state=state,
        symbol=worst.symbol,
        holes_open=sum(leg.gaps_open for leg in legs),
    )


def quiet_words(status: MarketStatus, query: PairQuery) -> str | None:
    """Which legs have not traded for a while, and since when: their price stands still though data come."""
    ages = [(leg.symbol, leg.trade_age_ms) for leg in _legs(status, query)]
    told = [f"{symbol} for {numbers.duration(age)}" for symbol, age in ages if age is not None and age >= QUIET_MS]
    return f"no trade of {' and of '.join(told)}" if told else None


def _legs(status: MarketStatus, query: PairQuery) -> list[SymbolStatus]:
    return [status.symbols.get(s) or SymbolStatus(s, "CONNECTING") for s in (query.y_symbol, query.x_symbol)]


def _recorded(status: MarketStatus, query: PairQuery) -> Freshness:
    tone, shape = looks("FINISHED")
    return Freshness(
        word="DATASET",
        tone=tone,
        shape=shape,
        reason=recorded_words(status, query),
        age_ms=None,
        lag_ms=None,
        stale=False,
        state="FINISHED",
        symbol=query.y_symbol,
        holes_open=0,
    )


def recorded_words(status: MarketStatus, query: PairQuery) -> str:
    """Which dataset a pair is of, or which two, and when it was recorded, UTC."""
    names = dict.fromkeys(dataset_of(symbol) or "" for symbol in (query.y_symbol, query.x_symbol))
    return "; ".join(_one_recorded(name, status.datasets.get(name)) for name in names)


def _one_recorded(name: str, recorded: Recorded | None) -> str:
    if recorded is None:
        return f"Dataset {name}"
    first, last = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (recorded.first_ms, recorded.last_ms))
    until = f"{last:%H:%M} UTC" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M} UTC"
    return f"Dataset {name}, recorded {first:%Y-%m-%d %H:%M} to {until}"
