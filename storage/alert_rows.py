"""Rules, how they stand, and what was removed: rows of their tables, and back. On a connection of the caller."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import sqlite

from analytics.alert_book import MOST_REMOVED_RULES, RemovedRule
from analytics.alert_document import rule_fields, rule_of, standing_fields, standing_of
from analytics.alerts import AlertRule, Standing
from analytics.errors import BadInput, StoreError
from storage.alert_tables import alert_removed, alert_rules, alert_standings

RulesByText = dict[tuple[int, str], AlertRule]
_Noun = TypeVar("_Noun")


def as_text(fields: Mapping[str, Any]) -> str:
    """The fields as a row holds them. NaN is refused by ValueError."""
    return json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def as_noun(read: Callable[[Mapping[str, Any]], _Noun], text: str) -> _Noun:
    """What a row holds. Raises StoreError for a row that cannot be."""
    try:
        return read(json.loads(text))
    except (BadInput, ValueError) as error:
        raise StoreError(f"a row of the alerts cannot be read: {error}") from error


def read_rules(connection: Connection, known: Mapping[tuple[int, str], AlertRule] | None = None) -> RulesByText:
    """Every rule by its row, the oldest first. known: what was read before, because a row is slow to check."""
    before = known or {}
    rows = connection.execute(select(alert_rules).order_by(alert_rules.c.id))
    return {(row.id, row.rule): before.get((row.id, row.rule)) or _rule(row.id, row.rule) for row in rows}


def read_rule(connection: Connection, rule_id: int) -> AlertRule | None:
    """The rule of that id, None where there is none."""
    text = connection.execute(select(alert_rules.c.rule).where(alert_rules.c.id == rule_id)).scalar()
    return None if text is None else _rule(rule_id, text)


def count_rules(connection: Connection) -> int:
    """How many rules there are."""
    return connection.execute(select(func.count()).select_from(alert_rules)).scalar_one()


def insert_rule(connection: Connection, rule: AlertRule) -> AlertRule:
    """The rule under an id that no rule has had before."""
    made = connection.execute(insert(alert_rules).values(rule=_rule_text(rule)))
    return replace(rule, id=made.lastrowid)


def update_rule(connection: Connection, rule: AlertRule) -> None:
    """Give the rule of that id this form."""
    connection.execute(update(alert_rules).where(alert_rules.c.id == rule.id).values(rule=_rule_text(rule)))


def unchanged(connection: Connection, rules: Iterable[AlertRule]) -> set[int]:
    """The ids of those that the database holds in this very form."""
    wanted = {rule.id: rule for rule in rules}
    rows = connection.execute(select(alert_rules).where(alert_rules.c.id.in_(wanted)))
    # As nouns where the texts differ: an earlier Pairwatch may have written the same rule with fewer fields.
    return {
        row.id for row in rows if row.rule == _rule_text(wanted[row.id]) or _rule(row.id, row.rule) == wanted[row.id]
    }


def read_standings(
    connection: Connection, source: str | None = None, rule_id: int | None = None
) -> dict[tuple[int, str], Standing]:
    """How rules stand, by rule and source: all of them, or those of one source, of one rule."""
    chosen = select(alert_standings)
    if source is not None:
        chosen = chosen.where(alert_standings.c.source == source)
    if rule_id is not None:
        chosen = chosen.where(alert_standings.c.rule_id == rule_id)
    return {(row.rule_id, row.source): as_noun(standing_of, row.standing) for row in connection.execute(chosen)}


def write_standings(connection: Connection, standings: Mapping[tuple[int, str], Standing]) -> None:
    """Let these hold from now on, by rule and source."""
    rows = [
        {"rule_id": rule_id, "source": source, "standing": as_text(standing_fields(standing))}
        for (rule_id, source), standing in standings.items()
    ]
    if not rows:
        return
    statement = sqlite.insert(alert_standings)
    over = statement.on_conflict_do_update(
        index_elements=[alert_standings.c.rule_id, alert_standings.c.source],
        set_={"standing": statement.excluded.standing},
    )
    connection.execute(over, rows)


def delete_standings(connection: Connection, source: str) -> None:
    """Forget how every rule stands in that source."""
    connection.execute(delete(alert_standings).where(alert_standings.c.source == source))


def remove_rule(connection: Connection, rule: AlertRule, now_ms: int) -> int:
    """Without the rule, but with what brings it back, under a number that is returned."""
    standings = read_standings(connection, rule_id=rule.id)
    held = {source: standing_fields(standing) for (_, source), standing in standings.items()}
    made = connection.execute(
        insert(alert_removed).values(rule_id=rule.id, rule=_rule_text(rule), standings=as_text(held), removed_ms=now_ms)
    )
    connection.execute(delete(alert_standings).where(alert_standings.c.rule_id == rule.id))
    connection.execute(delete(alert_rules).where(alert_rules.c.id == rule.id))
    removal = made.lastrowid
    connection.execute(delete(alert_removed).where(alert_removed.c.removal <= removal - MOST_REMOVED_RULES))
    return removal


def read_removed(connection: Connection) -> tuple[RemovedRule, ...]:
    """What can be brought back, newest first."""
    rows = connection.execute(select(alert_removed).order_by(alert_removed.c.removal.desc()))
    return tuple(RemovedRule(row.removal, _rule(row.rule_id, row.rule), row.removed_ms) for row in rows)


def bring_back_rule(connection: Connection, removed: RemovedRule) -> None:
    """The rule and how it stood, under the id it had. The number of the removal is spent."""
    of_this = alert_removed.c.removal == removed.removal
    held = json.loads(connection.execute(select(alert_removed.c.standings).where(of_this)).scalar_one())
    rule = removed.rule
    connection.execute(insert(alert_rules).values(id=rule.id, rule=_rule_text(rule)))
    write_standings(connection, {(rule.id, source): standing_of(fields) for source, fields in held.items()})
    connection.execute(delete(alert_removed).where(of_this))


def _rule(rule_id: int, text: str) -> AlertRule:
    return as_noun(lambda fields: rule_of({"id": rule_id, **fields}), text)


def _rule_text(rule: AlertRule) -> str:
    # The id is the row's, so that a copy of a rule has the same text.
    return as_text({name: value for name, value in rule_fields(rule).items() if name != "id"})
