"""What every card is made of: a label, a number and what stands under it, or a dash and the reason in sight."""

from __future__ import annotations

from typing import Any

from dash import html

from analytics.market import Timeframe
from analytics.results import Unavailable
from layouts import numbers
from layouts.aria import aria, unseen

Children = list[Any]


def known(label: Any, value: Any, detail: Any) -> Children:
    """A card with its number."""
    return [
        html.H3(label, className="card__label"),
        html.P(value, className="card__value"),
        html.P(detail, className="card__detail"),
    ]


def unknown(label: Any, why: Unavailable, timeframe: Timeframe | None = None) -> Children:
    """A card without its number: the dash, and under it why; a line that fills where bars are what is missing."""
    told: Children = [warming_up(why, timeframe)]
    if why.needed and why.got is not None:
        share = f"{min(100 * why.got / why.needed, 100):.0f}%"
        told.append(html.Span(html.Span(style={"width": share}), className="progress-line", **unseen()))
    return [
        html.H3(label, className="card__label"),
        html.P(numbers.DASH, className="card__value card__value--none", title=why.reason),
        html.P(told, className="card__detail"),
    ]


def warming_up(why: Unavailable, timeframe: Timeframe | None = None) -> str:
    """Why there is no number; where bars are what is missing, how many there are and how long the rest takes:
    warming up, 212 of 300 bars, about 88 s.
    """
    if why.needed is None or why.got is None:
        return numbers.typeset(why.reason)
    told = f"warming up, {progress(why.got, why.needed, timeframe)}"
    return told if why.reason.startswith("need ") else f"{told}: {numbers.typeset(why.reason)}"


def progress(got: int, needed: int, timeframe: Timeframe | None = None) -> str:
    """How many rows there are of how many, and how long the rest takes where rows come by the clock."""
    rows = "trades" if timeframe is Timeframe.TICK else "bars"
    told = f"{numbers.count(got)} of {numbers.count(needed)} {rows}"
    if timeframe is None or not timeframe.milliseconds:
        return told
    return f"{told}, about {numbers.duration((needed - got) * timeframe.milliseconds)}"


def reasoned_dash(why: Unavailable, place: str) -> html.Span:
    """A dash whose reason pointer, keyboard and finger find on it. place: where on the page, unique."""
    tip_id = f"reason-{place}"
    return html.Span(
        [numbers.DASH, html.Span(numbers.typeset(why.reason), id=tip_id, role="tooltip", className="tip")],
        className="defined defined--dash",
        tabIndex=0,
        **aria(describedby=tip_id),
    )
