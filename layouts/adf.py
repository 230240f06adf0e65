"""The panel of the ADF test that was asked for: everything the test says, when, and on what."""

from __future__ import annotations

from typing import Any, Final

from dash import html

from analytics.analysis import PairAnalysis
from analytics.results import Unavailable, UnitRootTest
from layouts import numbers
from layouts.card import warming_up
from layouts.cards import inapplicable, spread_formula
from layouts.legs import Legs
from layouts.moments import stamp
from layouts.zone import UTC_ZONE, Zone

CAUTION: Final = (
    "The spread was fitted to these very bars, so this p-value is optimistic: unrelated pairs pass it too often. "
    "The Engle-Granger verdict allows for the fit and is the headline."
)


def adf_result(analysis: PairAnalysis, legs: Legs, ran_at_ms: int, zone: Zone = UTC_ZONE) -> list[Any]:
    """The full result, or why there is none. ran_at_ms: when it was asked for, UTC."""
    when = html.P([f"{legs.name} · run at ", stamp(ran_at_ms, ran_at_ms, zone, named=True)])
    test = analysis.adf
    if isinstance(test, Unavailable):
        return [
            when,
            html.P(
                f"No result: {warming_up(inapplicable(analysis, test), analysis.query.params.timeframe)}.",
                className="adf__none",
            ),
        ]
    return [when, _table(test), html.P(_on_what(analysis, legs, test)), html.P(CAUTION, className="adf__caution")]


def _on_what(analysis: PairAnalysis, legs: Legs, test: UnitRootTest) -> str:
    timeframe = analysis.query.params.timeframe
    return f"On {spread_formula(analysis, legs)}, {numbers.count(test.observations)} observations of {timeframe}."


def _table(test: UnitRootTest) -> html.Table:
    rows = [
        ("Statistic", numbers.signed(test.statistic, 3), ""),
        ("p-value", numbers.pvalue(test.pvalue), ""),
        ("Lags, by AIC", numbers.count(test.lags), ""),
        ("Observations", numbers.count(test.observations), ""),
        *(
            (f"Critical {level.replace('%', ' %')}", numbers.signed(value, 3), _against(test.statistic, value))
            for level, value in test.critical_values.items()
        ),
    ]
    return html.Table(
        html.Tbody(
            [
                html.Tr([html.Th(name, scope="row"), html.Td(value), html.Td(told, className="adf__told")])
                for name, value, told in rows
            ]
        ),
        className="adf__table",
    )


def _against(statistic: float, critical: float) -> str:
    return "passed" if statistic < critical else "missed"
