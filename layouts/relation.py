"""What the Relation view says in words: whose relation, the verdict, a sentence a plot, and the table of every test."""

from __future__ import annotations

from typing import Any, Final

from dash import html

from analytics.analysis import PairAnalysis
from analytics.evidence import Evidence, PvalueTrail, RatioTrail, ResidualShape, Stability
from analytics.results import Unavailable
from layouts import numbers
from layouts.aria import aria, unseen
from layouts.cards import OUTCOMES, clean_window
from layouts.defined import defined
from layouts.evidence import Group, Row, groups
from layouts.fit import METHODS, fit_label
from layouts.legs import Legs
from layouts.marks import mark

Children = list[Any]

_NAMES: Final = ("", "value", "p or interval", "says")


def head(analysis: PairAnalysis, legs: Legs) -> Children:
    """The pair, its settings and its verdict."""
    params = analysis.query.params
    tone, shape = OUTCOMES[analysis.verdict.outcome]
    settings = f"{numbers.count(params.window_bars)} × {params.timeframe} · {fit_label(params)}"
    return [
        html.H2(f"{legs.y.symbol} on {legs.x.symbol}", className="page__title"),
        html.Span(f"{settings} · {clean_window(analysis)}", className="page__note"),
        html.Strong([mark(shape), numbers.typeset(analysis.verdict.headline)], className=f"verdict tone--{tone}"),
    ]


def residual_told(analysis: PairAnalysis, legs: Legs, now_ms: int) -> Children:
    """Whether one relation held, and if not, since when and how it differs. now_ms: the clock, UTC."""
    stability: Stability | Unavailable = analysis.stability
    if isinstance(stability, Unavailable):
        return [numbers.typeset(stability.reason)]
    if stability.changed_at_ms is None:
        return ["One relation over the whole sample: the CUSUM stays inside its 5 % bound."]
    ago = numbers.duration(now_ms - stability.changed_at_ms)
    before, after = (numbers.significant(slope) for slope in (stability.slope_before, stability.slope_after))
    told = f"The relation changed {ago} ago: {before} {legs.x.name} per {legs.y.name} before, {after} after."
    return [html.Span([mark("triangle"), told], className="tone--mind")]


def ratio_told(analysis: PairAnalysis, trail: RatioTrail | Unavailable) -> Children:
    """Which line is which."""
    if isinstance(trail, Unavailable):
        return []
    name, _ = METHODS[analysis.query.params.hedge]
    return [
        *_stroke("bright", f"OLS over {numbers.count(trail.window_bars)} bars, 95 %"),
        *_stroke("known", f"{name}, in force"),
    ]


def pvalue_told(trail: PvalueTrail | Unavailable) -> Children:
    """How many windows passed, and what so many looks are worth."""
    if isinstance(trail, Unavailable):
        return []
    windows = numbers.counted(len(trail.time_ms), "window")
    return [
        *_stroke("mind", "5 %"),
        f"{100 * trail.passed_share:.0f} % of {windows} of {numbers.count(trail.window_bars)} bars passed. ",
        html.Span([mark("triangle"), "Among so many looks unrelated pairs pass too."], className="tone--mind"),
    ]


def scatter_told(analysis: PairAnalysis) -> Children:
    """What the colours mean."""
    name, _ = METHODS[analysis.query.params.hedge]
    ramp = html.Span(["older", html.Span(className="ramp", **unseen()), "newer"], className="legend")
    return [ramp, *_stroke("mind", f"line of {name}")]


def autocorrelation_told(shape: ResidualShape | Unavailable) -> Children:
    """What lies outside the band."""
    if isinstance(shape, Unavailable):
        return []
    outside = sum(1 for value in shape.autocorrelation[1:] if abs(value) > shape.band)
    lags = len(shape.autocorrelation) - 1
    return [f"{outside} of {lags} lags lie outside the 95 % band of a series without memory."]


def quantiles_told(shape: ResidualShape | Unavailable) -> Children:
    """How the residual differs from a normal one."""
    if isinstance(shape, Unavailable):
        return []
    skew, tails = numbers.signed(shape.skewness, 2), numbers.signed(shape.excess_kurtosis, 2)
    return [*_stroke("mind", "a normal residual"), f" Skewness {skew}, excess kurtosis {tails}."]


def evidence_table(analysis: PairAnalysis, evidence: Evidence, legs: Legs) -> html.Table:
    """Every test and estimate: its name with its definition, its number, how sure, and what it says."""
    head_row = html.Tr(
        [html.Th(name, scope="col") if name else html.Td(**aria(label="Test or estimate")) for name in _NAMES]
    )
    return html.Table(
        [
            html.Caption("Every test and estimate of the pair", className="visually-hidden"),
            html.Thead(head_row),
            *(_body(group, at) for at, group in enumerate(groups(analysis, evidence, legs))),
        ],
        className="evidence",
    )


def _body(group: Group, at: int) -> html.Tbody:
    title = html.Tr(html.Th(group.title, colSpan=4, scope="rowgroup", className="evidence__group"))
    above = (None, *group.rows[:-1])
    lines = zip(group.rows, above, strict=True)
    return html.Tbody([title, *(_line(row, before, f"test-{at}-{line}") for line, (row, before) in enumerate(lines))])


def _line(row: Row, above: Row | None, place: str) -> html.Tr:
    name = html.Th(defined(row.term, place, row.label), scope="row")
    if row.value == numbers.DASH:
        same = above is not None and (above.value, above.says) == (row.value, row.says)
        told = "for the same reason" if same else row.says
        return html.Tr([name, html.Td(numbers.DASH), html.Td(told, colSpan=2, className="evidence__reason")])
    return html.Tr(
        [
            name,
            html.Td(row.value, className="evidence__value"),
            html.Td(row.sure),
            html.Td(row.says, className=f"evidence__says tone--{row.tone}"),
        ]
    )


def _stroke(kind: str, told: str) -> Children:
    return [html.Span([html.Span(className=f"stroke stroke--{kind}", **unseen()), told], className="legend")]
