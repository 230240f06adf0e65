"""A rule taken over stored rows: step by step the same as live, without the steps that change nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analytics.alert_rows import RowValues
from analytics.alert_steps import step
from analytics.alerts import AlertEvent, AlertRule, Condition, Standing
from analytics.market import FloatArray, Int64Array

_UNKNOWN = 9


class Replayed(NamedTuple):
    """standing: after the last row.  events: in order, each with the row at which it was told."""

    standing: Standing
    events: tuple[tuple[int, AlertEvent], ...]


def replay(
    rule: AlertRule,
    standing: Standing,
    rows: RowValues,
    *,
    late_before_ms: int = 0,
    version: int = 0,
) -> Replayed:
    """Where the rule stands after these rows, and what it told: to the last field what `step` at each row gives.

    Rows that are not newer than what the standing has judged are left out. late_before_ms: exchange time; what closed
    before it is told late.  version: of the data.
    A row is skipped where it lies on the same side of every level as the row before and no time runs out.
    """
    events: list[tuple[int, AlertEvent]] = []
    changes = _changes(rule, rows)
    row = 0 if standing.at_ms is None else int(np.searchsorted(rows.at_ms, standing.at_ms, "right"))
    while row < len(rows):
        late = bool(rows.at_ms[row] < late_before_ms)
        standing, told = step(rule, standing, rows.reading(row, late=late, version=version))
        events += [(row, one) for one in told]
        if row == len(rows) - 1:
            break
        row = max(row + 1, min(_next_of_interest(rule, standing, rows, changes, row), len(rows) - 1))
    return Replayed(standing, tuple(events))


def _changes(rule: AlertRule, rows: RowValues) -> Int64Array:
    """The rows at which a value lies otherwise to its levels than in the row before, and where the rule expires."""
    sides = np.zeros((len(rule.conditions), len(rows)), np.int8)
    for at, condition in enumerate(rule.conditions):
        sides[at] = _sides(condition, rows.columns[condition.metric, condition.symbol])
    changed = (sides[:, 1:] != sides[:, :-1]).any(axis=0)
    found = np.flatnonzero(changed) + 1
    if rule.expires_ms is None:
        return found
    return np.union1d(found, np.searchsorted(rows.at_ms, rule.expires_ms))


def _sides(condition: Condition, values: FloatArray) -> Int64Array:
    """Below, at or above the threshold, and the level at which the condition ends; `_UNKNOWN` for NaN."""
    size = np.abs(values) if condition.operator == "abs>=" else values
    leave = condition.threshold if condition.leave is None else condition.leave
    sides = np.where(np.isnan(values), 0.0, 3 * np.sign(size - condition.threshold) + np.sign(size - leave))
    return np.where(np.isnan(values), _UNKNOWN, sides).astype(np.int64)


def _next_of_interest(rule: AlertRule, standing: Standing, rows: RowValues, changes: Int64Array, row: int) -> int:
    """The next row that can move the rule on: the last one before a change, so that the time until then is known."""
    at = int(np.searchsorted(changes, row, "right"))
    before_change = int(changes[at]) - 1 if at < len(changes) else len(rows) - 1
    due_ms = _due_ms(rule, standing)
    if due_ms is None:
        return before_change
    return min(before_change, int(np.searchsorted(rows.at_ms, due_ms)))


def _due_ms(rule: AlertRule, standing: Standing) -> int | None:
    """When a rule whose conditions hold opens its event, or tells it again; None where time alone changes nothing."""
    snoozed_ms = rule.snoozed_until_ms or 0
    if standing.word == "Pending":
        held_ms = (standing.pending_ms or 0) + rule.hold_ms
        rested_ms = 0 if standing.ended_ms is None else standing.ended_ms + rule.cooldown_ms
        return max(held_ms, rested_ms, snoozed_ms)
    if standing.word == "Firing" and rule.repeat_ms is not None:
        return max((standing.told_ms or 0) + rule.repeat_ms, snoozed_ms)
    return None
