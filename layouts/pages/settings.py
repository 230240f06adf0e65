"""The Settings page: what holds for the whole screen, each change saved at once."""

from __future__ import annotations

from typing import Any, Final, get_args

import dash_bootstrap_components as dbc
from dash import html

from analytics.kept import ClockZone, Colours, Preferences, Theme
from layouts import ids
from layouts.aria import aria, unseen
from layouts.held import Held
from layouts.navigation import SETTINGS

# The field of the preferences behind each control, and what it is called.
CHOICES: Final = {ids.THEME: "theme", ids.COLOURS: "colours", ids.ZONE_CHOICE: "zone"}
NUMBERS: Final = {
    ids.TAKER_FEE: "taker_fee_bp",
    ids.MAKER_FEE: "maker_fee_bp",
    ids.ENTRY_LEVEL: "entry_zscore",
    ids.EXIT_LEVEL: "exit_zscore",
    ids.STOP_LEVEL: "stop_zscore",
}
WORDS: Final = {
    "theme": "theme",
    "colours": "colours",
    "zone": "time zone",
    "taker_fee_bp": "taker fee",
    "maker_fee_bp": "maker fee",
    "entry_zscore": "entry level",
    "exit_zscore": "exit level",
    "stop_zscore": "stop level",
}
_THEMES: Final[dict[str, str]] = {"system": "System", "dark": "Dark", "light": "Light"}
_COLOURS: Final[dict[str, str]] = {"safe": "Safe", "classic": "Classic", "inverted": "Inverted"}
_ZONES: Final[dict[str, str]] = {"utc": "UTC", "local": "Local"}


def settings_page(kept: Preferences) -> html.Main:
    """The page with what is kept in its controls."""
    return html.Main(
        [
            Held(id=ids.KEPT_VERSION),
            html.Div(
                [
                    html.H2("Settings", className="page__title"),
                    html.Div("Each change is saved at once, for every open tab.", className="page__note"),
                    html.Div(id=ids.SETTINGS_TOLD, className="settings__told", role="status"),
                ],
                className="page__head settings__head",
            ),
            html.Div(
                [
                    _panel("Look", *_look(kept)),
                    _panel("Costs", *_costs(kept)),
                    _panel("Levels", *_levels(kept)),
                ],
                className="settings",
            ),
        ],
        className=f"sheet {SETTINGS.frame}",
    )


def told_saved(field: str, preferences: Preferences) -> str:
    """What was saved, as a sentence."""
    return f"Saved: {WORDS[field]} {_value_words(field, getattr(preferences, field))}."


def number_text(value: float) -> str:
    """A fee or a level as it stands in its box."""
    return f"{value:.10g}"


def _value_words(field: str, value: Any) -> str:
    words = {str(name): word for part in (_THEMES, _COLOURS, _ZONES) for name, word in part.items()}
    if field in NUMBERS.values():
        return f"{number_text(value)}{' bp' if field.endswith('_bp') else ''}"
    return "UTC" if value == "utc" else words[value].lower()


def _look(usual: Preferences) -> list[Any]:
    return [
        _choice(
            "Theme",
            ids.THEME,
            {name: _THEMES[name] for name in get_args(Theme)},
            usual.theme,
            "System follows the light or dark setting of this device.",
        ),
        _choice(
            "Colours",
            ids.COLOURS,
            {name: _COLOURS[name] for name in get_args(Colours)},
            usual.colours,
            "Safe can be told apart with every kind of colour vision. Classic: green up, red down. Inverted: the other "
            "way round.",
        ),
        _sample(),
        _choice(
            "Time zone",
            ids.ZONE_CHOICE,
            {name: _ZONES[name] for name in get_args(ClockZone)},
            usual.zone,
            "Of every time on the screen. Files and the API are always in UTC.",
        ),
    ]


def _sample() -> html.Div:
    """What the chosen colours look like, each with the shape that says the same."""
    marks = (
        ("settings__mark--up", "▲", "up"),
        ("settings__mark--down", "▼", "down"),
        ("settings__mark--y", "●", "first leg"),
        ("settings__mark--x", "■", "second leg"),
    )
    return html.Div(
        [
            html.Span([html.Span(shape, **unseen()), f" {word}"], className=f"settings__mark {name}")
            for name, shape, word in marks
        ],
        className="settings__sample",
    )


def _costs(usual: Preferences) -> list[Any]:
    return [
        _number("Taker fee", ids.TAKER_FEE, usual.taker_fee_bp, "bp", "Paid where an order takes what is quoted."),
        _number("Maker fee", ids.MAKER_FEE, usual.maker_fee_bp, "bp", "Paid where an order waits; below 0: a rebate."),
        html.P(
            "Of one fill, in basis points of its value: 5 bp are 0.05 %. The costs of a trade are counted with the "
            "taker fee. Your own fees stand on the exchange's fee page.",
            className="settings__more",
        ),
    ]


def _levels(usual: Preferences) -> list[Any]:
    return [
        _number("Entry", ids.ENTRY_LEVEL, usual.entry_zscore, "σ", "Where a deviation is worth a trade."),
        _number("Exit", ids.EXIT_LEVEL, usual.exit_zscore, "σ", "Where such a trade ends; 0 is the mean."),
        _number("Stop", ids.STOP_LEVEL, usual.stop_zscore, "σ", "Where it has gone wrong."),
        html.P(
            "Of a view whose address names no levels, in standard deviations of the spread, on both sides: exit below "
            "entry, entry below stop.",
            className="settings__more",
        ),
    ]


def _panel(title: str, *content: Any) -> html.Section:
    return html.Section(
        [html.H3(title, className="panel__title"), *content], className="panel settings__panel", **aria(label=title)
    )


def _choice(label: str, choice_id: str, words: dict[str, str], value: str, hint: str) -> html.Fieldset:
    segments = dbc.RadioItems(
        id=choice_id,
        name=choice_id,  # one group for the keyboard: arrows choose, Tab goes on
        options=[{"label": word, "value": name} for name, word in words.items()],
        value=value,
        className="segments",
        inputClassName="btn-check",
        labelClassName="segment",
        labelCheckedClassName="segment--on",
    )
    return html.Fieldset(
        [
            html.Legend(label, className="settings__label"),
            html.Div(segments, className="timeframe settings__segments"),
            html.P(hint, className="settings__hint"),
        ],
        className="settings__line",
    )


def _number(label: str, number_id: str, value: float, unit: str, hint: str) -> html.Div:
    return html.Div(
        [
            html.Label(label, htmlFor=number_id, className="settings__label"),
            html.Div(
                [
                    dbc.Input(
                        id=number_id,
                        value=number_text(value),
                        type="text",
                        inputmode="decimal",
                        debounce=True,
                        autocomplete="off",
                        className="settings__number",
                    ),
                    html.Span(unit, className="settings__unit"),
                ],
                className="settings__field",
            ),
            html.P(hint, className="settings__hint"),
        ],
        className="settings__line",
    )
