"""The numbers of alerts go on after a backup was put back, so that none of before means something else.

A receiver knows an event by its id: the id of one that was told after the backup was made must not come back with
another event, or the receiver would take it for the old one and stay silent.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

_Key = tuple[int, str]


def carry_numbers(present: sqlite3.Connection, restored: sqlite3.Connection) -> None:
    """Let rows and events of `restored` be counted on from those of `present`, which it is about to replace.

    restored: with the present schema.  What cannot be read of `present` carries no number: a restore is the way out of
    a damaged file too.
    """
    if not present.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alert_standings'").fetchone()[0]:
        return
    restored.execute("BEGIN IMMEDIATE")
    for name, number in present.execute("SELECT name, seq FROM sqlite_sequence WHERE name GLOB 'alert_*'"):
        held = restored.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = ?", (name,)).fetchone()[0]
        if held is None:
            restored.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, number))
        elif held < number:
            restored.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (number, name))
    opened = {key: _opened(standing) for key, standing in _standings(present)}
    _raise_standings(restored, opened)
    _raise_removed(restored, opened)
    restored.execute("COMMIT")


def _raise_standings(restored: sqlite3.Connection, opened: dict[_Key, int]) -> None:
    held = {
        (rule_id, source): json.loads(text)
        for rule_id, source, text in restored.execute("SELECT rule_id, source, standing FROM alert_standings")
    }
    rules = {row[0] for row in restored.execute("SELECT id FROM alert_rules")}
    for (rule_id, source), number in opened.items():
        standing = held.get((rule_id, source), {})
        if rule_id in rules and number > _opened(standing):
            text = json.dumps({**standing, "events": number})
            restored.execute("INSERT OR REPLACE INTO alert_standings VALUES (?, ?, ?)", (rule_id, source, text))


def _raise_removed(restored: sqlite3.Connection, opened: dict[_Key, int]) -> None:
    removed = restored.execute("SELECT removal, rule_id, standings FROM alert_removed").fetchall()
    for removal, rule_id, text in removed:
        standings = json.loads(text)
        for source in {source for known, source in opened if known == rule_id}:
            standing = standings.get(source, {})
            number = max(opened[rule_id, source], _opened(standing))
            standings[source] = {**standing, "events": number}
        restored.execute("UPDATE alert_removed SET standings = ? WHERE removal = ?", (json.dumps(standings), removal))


def _standings(connection: sqlite3.Connection) -> Iterator[tuple[_Key, Any]]:
    """Those of the rules that are there, and of those that were removed."""
    rows = connection.execute("SELECT rule_id, source, standing FROM alert_standings")
    yield from _readable(((rule_id, source), text) for rule_id, source, text in rows)
    for rule_id, text in connection.execute("SELECT rule_id, standings FROM alert_removed"):
        for (rule, _), standings in _readable([((rule_id, ""), text)]):
            yield from (((rule, source), standing) for source, standing in standings.items())


def _readable(rows: Iterable[tuple[_Key, str]]) -> Iterator[tuple[_Key, Any]]:
    for key, text in rows:
        try:
            told = json.loads(text)
        except ValueError:
            continue  # damage: it tells no number
        if isinstance(told, dict):
            yield key, told


def _opened(standing: Any) -> int:
    number = standing.get("events", 0) if isinstance(standing, dict) else 0
    return number if isinstance(number, int) else 0
