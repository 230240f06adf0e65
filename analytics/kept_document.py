"""What is kept as one JSON document, and back: the file of an export.

A document says which format it is in; one that is newer is refused.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from analytics.alert_document import rule_fields, rule_of
from analytics.alerts import AlertRule
from analytics.document_fields import Fields, each_in, object_in, placed, text_in, whole_in
from analytics.errors import BadInput
from analytics.kept import Collection, Preferences, Watchlist, Workspace
from analytics.kept_checks import changed_preferences, checked_watchlist, checked_workspace
from analytics.pair_document import pair_fields, pair_of

FORMAT: Final = 1
_KIND: Final = "pairwatch kept"


def text_of(collection: Collection, saved_ms: int) -> str:
    """The document as JSON text. saved_ms: wall time, UTC."""
    head = {"kind": _KIND, "format": FORMAT, "saved_at": _iso(saved_ms)}
    return json.dumps(head | fields_of(collection), indent=2, ensure_ascii=False) + "\n"


def collection_in(text: str | bytes) -> Collection:
    """What a document holds. Raises BadInput with the place and the cure."""
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the file is not JSON ({error}); choose one that was exported here") from error
    if not isinstance(document, dict) or document.get("kind") != _KIND:
        raise BadInput("the file is no export of Pairwatch: it does not say “pairwatch kept”; choose one that is")
    version = document.get("format")
    if version != FORMAT:
        raise BadInput(f"the file is in format {version}, and this Pairwatch knows {FORMAT}; update Pairwatch")
    return collection_of(document)


def fields_of(collection: Collection) -> dict[str, Any]:
    """The collection as JSON knows it; `collection_of` reads it back."""
    fields: dict[str, Any] = {}
    if collection.preferences is not None:
        fields["preferences"] = asdict(collection.preferences)
    fields["watchlists"] = [
        {"name": one.name, "pairs": [pair_fields(pair) for pair in one.pairs]} for one in collection.watchlists
    ]
    fields["workspaces"] = [asdict(one) for one in collection.workspaces]
    fields["alerts"] = [_alert_fields(one) for one in collection.alerts]
    return fields


def collection_of(fields: Fields) -> Collection:
    """The collection in such fields; a part that is not there is empty. Raises BadInput with the place."""
    preferences = fields.get("preferences")
    lists = each_in(fields, "watchlists", _watchlist)
    views = each_in(fields, "workspaces", _workspace)
    _refuse_twins("watchlists", [one.name for one in lists])
    _refuse_twins("workspaces", [one.name for one in views])
    alerts = each_in(fields, "alerts", _alert)
    if preferences is None:
        return Collection(None, lists, views, alerts)
    return Collection(placed("preferences", _preferences, preferences), lists, views, alerts)


def _alert_fields(rule: AlertRule) -> dict[str, Any]:
    # What is of this place and moment stays here: the same rule has another id elsewhere.
    here = {"id", "created_ms", "snoozed_until_ms"}
    return {name: value for name, value in rule_fields(rule).items() if name not in here}


def _alert(fields: object) -> AlertRule:
    return rule_of({**object_in(fields), "id": 0})


def _watchlist(fields: object) -> Watchlist:
    given = object_in(fields)
    return checked_watchlist(Watchlist(text_in(given, "name"), each_in(given, "pairs", pair_of)))


def _workspace(fields: object) -> Workspace:
    given = object_in(fields)
    saved_ms = whole_in(given, "saved_ms", (0, 10**14), 0) or 0
    return checked_workspace(
        Workspace(text_in(given, "name"), text_in(given, "address"), text_in(given, "watchlist"), saved_ms)
    )


def _preferences(fields: object) -> Preferences:
    return changed_preferences(Preferences(), object_in(fields))


def _refuse_twins(place: str, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise BadInput(f"{place}: “{name}” is there twice; rename one of them")
        seen.add(name.casefold())


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number that JSON knows")


def _iso(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
