"""The head of the history: of which alert and kind, the file, and the way to older pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from dash import html

from analytics.alerts import AlertRule
from layouts.alert_tables import KIND_WORDS, act
from layouts.aria import aria

EVENTS_A_PAGE: Final = 25
CSV_PATH: Final = "/api/alerts/history.csv"


def history_head(rules: Sequence[AlertRule], view: Mapping[str, Any], *, older: int | None) -> list[Any]:
    """view: of the page, with `rule`, `kind` and `before`.  older: the cursor of the next page, None where there is
    none.
    """
    kinds = [("", "everything"), *((kind, word) for kind, word in KIND_WORDS.items())]
    named = [("", "all alerts"), *((str(rule.id), rule.name) for rule in rules)]
    ways = [
        _way("Newest", "newest") if view.get("before") else None,
        _way("Older", "older", before=str(older)) if older is not None else None,
    ]
    return [
        _select("Alert", "rule", named),
        _select("Kind", "kind", kinds),
        *(way for way in ways if way is not None),
        html.A("CSV", href=csv_address(view), download="pairwatch-alerts.csv", className="button"),
    ]


def csv_address(view: Mapping[str, Any]) -> str:
    """The file of what is shown, all pages of it."""
    wanted = {"alert_id": view.get("rule"), "kind": view.get("kind")}
    fields = urlencode({name: value for name, value in wanted.items() if value})
    return f"{CSV_PATH}?{fields}" if fields else CSV_PATH


def _way(word: str, does: str, **details: str) -> html.Button:
    return html.Button(word, type="button", className="button", **act(does, **details))


def _select(label: str, name: str, options: Sequence[tuple[str, str]]) -> html.Label:
    """The browser holds what is chosen; React leaves a list of choices alone that it has drawn once."""
    return html.Label(
        [
            html.Span(label, className="visually-hidden"),
            html.Select(
                [html.Option(words, value=value, key=value) for value, words in options],
                className="form-select field",
                **{"data-alert-view": name},  # type: ignore[arg-type]  # any data-* is taken
                **aria(label=f"History of which {label.lower()}"),
            ),
        ],
        key=name,
    )
