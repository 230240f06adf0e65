"""How the hedge is fitted: the menu of the top bar, and the words for what is chosen."""

from __future__ import annotations

from typing import Any, Final

import dash_bootstrap_components as dbc
from dash import html

from analytics.market import CorrelationKind, HedgeMethod, PairParams, PriceScale
from layouts import ids, numbers
from layouts.aria import unseen

# Short, as it stands in the menu's label and on the cards; then what it does, in a few words.
METHODS: Final[dict[HedgeMethod, tuple[str, str]]] = {
    "ols": ("OLS", "least squares over the sample"),
    "rolling_ols": ("Rolling OLS", "least squares over the window"),
    "tls": ("TLS", "total least squares: both legs noisy"),
    "huber": ("Huber", "least squares that outliers sway less"),
    "theil_sen": ("Theil-Sen", "median of all slopes"),
    "kalman": ("Kalman", "follows a ratio that drifts"),
    "fixed": ("Fixed ratio", "your own number"),
}
# Ways that fit the line anew at every row: no test applies to the spread that they leave.
MOVING: Final[frozenset[HedgeMethod]] = frozenset({"rolling_ols", "kalman"})
_SCALES: Final[dict[PriceScale, str]] = {"level": "price", "log": "log price"}
_CORRELATIONS: Final[dict[CorrelationKind, str]] = {"pearson": "Pearson", "spearman": "Spearman"}


def fit_menu(params: PairParams) -> html.Details:
    """The disclosure with every choice of the fit. Its summary names the choice in force."""
    return html.Details(
        [
            html.Summary(
                [
                    html.Span("Fit", className="fit__word"),
                    html.Span(fit_label(params), id=ids.FIT_LABEL, className="fit__label"),
                    html.Span(className="glyph glyph--down", **unseen()),
                ],
                className="control fit__summary",
            ),
            html.Div(
                [
                    _choice("Hedge ratio", _methods(params)),
                    _ratio(params),
                    _choice("Prices", _segments(ids.SCALE, _SCALES, params.price_scale)),
                    dbc.Switch(
                        id=ids.INTERCEPT,
                        value=params.include_intercept,
                        label="fit an intercept α",
                        className="control",
                    ),
                    _choice("Correlation", _segments(ids.CORRELATION, _CORRELATIONS, params.correlation)),
                ],
                className="fit__panel",
            ),
        ],
        className="fit",
    )


def fit_label(params: PairParams) -> str:
    """The choice in force: OLS · price, Kalman · log, Fixed 15.2 · price · no α."""
    name, _ = METHODS[params.hedge]
    if params.fixed_ratio is not None:
        name = f"Fixed {numbers.typeset(f'{params.fixed_ratio:.4g}')}"
    scale = "log" if params.price_scale == "log" else "price"
    return f"{name} · {scale}{'' if params.include_intercept else ' · no α'}"


def ratio_text(params: PairParams) -> str:
    """What stands in the box of the fixed ratio; empty where another way is chosen."""
    return "" if params.fixed_ratio is None else f"{params.fixed_ratio:.12g}"


def _choice(label: str, content: Any) -> html.Fieldset:
    return html.Fieldset([html.Legend(label, className="fit__legend"), content], className="fit__choice")


def _methods(params: PairParams) -> dbc.RadioItems:
    options = [{"label": [html.B(name), html.Small(told)], "value": method} for method, (name, told) in METHODS.items()]
    return dbc.RadioItems(
        id=ids.HEDGE,
        name=ids.HEDGE,
        options=options,
        value=params.hedge,
        className="fit__methods",
        inputClassName="btn-check",
        labelClassName="fit__method",
        labelCheckedClassName="fit__method--on",
    )


def _ratio(params: PairParams) -> html.Div:
    return html.Div(
        [
            html.Label("β", htmlFor=ids.RATIO),
            dbc.Input(
                id=ids.RATIO,
                value=ratio_text(params),
                type="text",
                inputmode="decimal",
                debounce=True,
                autocomplete="off",
                placeholder="as fitted now",
            ),
        ],
        className="fit__ratio",
    )


def _segments(control_id: str, words: dict[Any, str], value: str) -> html.Div:
    return html.Div(
        dbc.RadioItems(
            id=control_id,
            name=control_id,
            options=[{"label": word, "value": name} for name, word in words.items()],
            value=value,
            className="segments",
            inputClassName="btn-check",
            labelClassName="segment",
            labelCheckedClassName="segment--on",
        ),
        className="timeframe",
    )
