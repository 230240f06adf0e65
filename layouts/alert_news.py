"""Alerts on every page: what the browser is told of those that fire, of events as they happen, and of dead channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from analytics.alert_view import AlertRow, News, Told
from layouts import numbers
from layouts.address import written
from layouts.alert_tables import KIND_WORDS
from layouts.alert_texts import KIND_LOOKS, pair_words, rule_words
from layouts.aria import data
from layouts.navigation import ALERTS

BANNER_CLASS = "banner banner--bad"
NO_BANNER_CLASS = "banner banner--none"


def alert_news(rows: Sequence[AlertRow], news: News, bases: Mapping[str, str]) -> dict[str, Any]:
    """What fires now, the longest open last, and what was told since this page asked last, oldest first."""
    firing = sorted((row for row in rows if row.standing.event), key=lambda row: -(row.standing.told_ms or 0))
    return {
        "firing": [_firing(row, bases) for row in firing],
        "told": [_told(one, bases) for one in news.told],
        "missed": news.missed,
    }


def alert_banner(trouble: str | None) -> Any:
    """Why alerts reach nobody, with the way to the page that says more; nothing where all is well."""
    if trouble is None:
        return None
    link = html.A("Alerts", href=ALERTS.path, **data(goes=ALERTS.path))
    return [html.Span(numbers.typeset(trouble)), " ", link]


def _firing(row: AlertRow, bases: Mapping[str, str]) -> dict[str, Any]:
    rule = row.rule
    return {
        "id": rule.id,
        "name": rule.name,
        "pair": pair_words(rule.query, bases),
        "words": rule_words(rule),
        "view": written(rule.query),
        "since": row.standing.since_ms,
    }


def _told(one: Told, bases: Mapping[str, str]) -> dict[str, Any]:
    tone, shape = KIND_LOOKS[one.event.kind]
    return {
        "number": one.number,
        "kind": one.event.kind,
        "word": KIND_WORDS[one.event.kind],
        "tone": tone,
        "shape": shape,
        "name": one.name,
        "pair": pair_words(one.query, bases),
        "text": numbers.typeset(one.text),
        "late": one.event.late,
        "view": written(one.query),
    }
