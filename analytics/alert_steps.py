"""How a rule moves on with a reading: the one function of live, replay and track record.

What a condition is:

- It begins to hold at `threshold` and then holds until its value has passed `leave` (hysteresis): `z >= 2, leave 1.5`
  that has begun ends below 1.5. `abs>=` looks at the size of the value alone.
- `crosses_above` begins where the value before was below the threshold and this one is at it or above; a first value
  never crosses, however far out it is. It then holds, as `>=` does, until the value is back below `leave` (without one:
  the threshold). A crossing over a time without data counts by the last value that was seen: it did cross.
- A value that is not there, and every value of an unfit reading but those of the feed itself (`OF_THE_FEED`), is
  unknown. Unknown is neither yes nor no: `all` then knows nothing, and of `any` a known yes is enough.

What becomes of a rule:

- Nothing known: NoData (or Error, where the pair cannot be computed at all) with the reason. An open event stays open,
  what is pending stays so, but the time without data does not count as held.
- No: what is open is resolved, once, and the rest of `cooldown_ms` begins.
- Yes: Pending until it has held for `hold_ms` of exchange time, the rest is over and nobody has snoozed the rule; then
  an event is opened. While it is open it is told again every `repeat_ms`.
- Snoozed: everything moves on, but no event opens and none is repeated. What still holds when the snooze ends opens
  then; what ends meanwhile is resolved at its time, held back for the digest.
- Switched off or expired: what is open is resolved, with that reason, and the rule is Normal with nothing remembered.
- A reading older than the last one that was judged is ignored. On `bar_close` each closed bar is judged once.
- Beyond `most_per_hour` events open and are kept, but held back for the digest; so is all that is told of them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from analytics.alerts import OF_THE_FEED, AlertEvent, AlertRule, Condition, EventKind, Operator, Reading, Standing, Word

HOUR_MS: Final = 3_600_000

# How a value is compared: with the threshold until a condition holds, with `leave` from then on.
_COMPARED: Final[dict[Operator, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "crosses_above": operator.ge,
    "crosses_below": operator.le,
    "abs>=": operator.ge,
}
_CROSSINGS: Final[dict[Operator, Callable[[float, float], bool]]] = {
    "crosses_above": operator.lt,
    "crosses_below": operator.gt,
}


def step(rule: AlertRule, standing: Standing, reading: Reading) -> tuple[Standing, tuple[AlertEvent, ...]]:
    """Where the rule stands after this reading, and what is to be told of it, by the rules above.

    Pure: the same rule, standing and reading give the same answer, and a standing is all that must be remembered.
    Of any path of readings the events opened less those resolved are 0 or 1.

    >>> from analytics.market import PairQuery
    >>> far_out = AlertRule(7, "far out", PairQuery("BTCUSDT", "ETHUSDT"), (Condition("zscore", ">=", 2.0, leave=1.5),))
    >>> standing = Standing()
    >>> for at_ms, z in enumerate((1.0, 2.1, 1.9, 2.2, 1.4)):
    ...     standing, events = step(far_out, standing, Reading(at_ms, {("zscore", None): z}))
    ...     print(standing.word, [one.id for one in events])
    Normal []
    Firing ['7-1-fired']
    Firing []
    Firing []
    Normal ['7-1-resolved']
    """
    over = _why_over(rule, reading.at_ms)
    if over is not None:
        return _over(rule, standing, reading, over)
    if reading.error is not None:
        return _unknown(standing, reading, "Error", reading.error), ()
    was = standing.held if len(standing.held) == len(rule.conditions) else (False,) * len(rule.conditions)
    held, before, reason = _judged(rule, was, standing.before, reading)
    holds = _joined(rule, held)
    if holds is None:
        return _unknown(standing, reading, "NoData", reason), ()
    if standing.at_ms is not None and reading.at_ms < standing.at_ms:
        return standing, ()
    is_by_bar = rule.evaluation == "bar_close"
    if is_by_bar and not _is_new_bar(standing, reading):
        return standing, ()
    known = tuple(old if now is None else now for old, now in zip(was, held, strict=True)) if None in held else held
    hour_ago_ms = reading.at_ms - HOUR_MS
    moved = Standing(  # not `replace`, which takes thrice as long: this line runs for every rule at every trade
        word=standing.word,
        since_ms=standing.since_ms,
        held=tuple(map(bool, known)),
        before=before,
        pending_ms=_pending_since(standing, reading.at_ms) if holds else None,
        event=standing.event,
        held_back=standing.held_back,
        events=standing.events,
        told_ms=standing.told_ms,
        ended_ms=standing.ended_ms,
        fired_ms=tuple(one for one in standing.fired_ms if one > hour_ago_ms) if standing.fired_ms else (),
        bar_ms=reading.bar_ms if is_by_bar else None,
        at_ms=reading.at_ms,
    )
    return _told(rule, moved, reading) if holds else _ended(rule, moved, reading)


def forgetting(standing: Standing) -> Standing:
    """The standing of a rule whose conditions or pair were changed: what it saw counts no more, an open event stays.

    The next reading judges it by the new conditions, and resolves it where they do not hold. Its clock goes on, so that
    no older rows are judged by what the rule has become only now.
    """
    return replace(standing, held=(), before=(), pending_ms=None, bar_ms=None)


def worth_keeping(before: Standing, after: Standing) -> bool:
    """Whether the rule has come to stand otherwise: more than its clock and the values it saw last have moved.

    A standing that is not worth keeping may be lost with the process: the next reading brings the same again, once the
    rows since the last one that was kept have been judged.
    """
    return replace(before, before=(), bar_ms=None, at_ms=None) != replace(after, before=(), bar_ms=None, at_ms=None)


def _why_over(rule: AlertRule, at_ms: int) -> str | None:
    if not rule.active:
        return "the alert was switched off"
    if rule.expires_ms is not None and at_ms >= rule.expires_ms:
        return "the alert has expired"
    return None


def _over(
    rule: AlertRule, standing: Standing, reading: Reading, reason: str
) -> tuple[Standing, tuple[AlertEvent, ...]]:
    at_ms = max(reading.at_ms, standing.at_ms or 0)
    events = (_event(rule, standing, reading, "resolved", at_ms, reason),) if standing.event else ()
    rested = replace(forgetting(standing), reason=None, event=0, held_back=False)
    if standing.event:
        rested = replace(rested, ended_ms=at_ms)
    return _in_word(rested, "Normal", at_ms), events


def _unknown(standing: Standing, reading: Reading, word: Word, reason: str) -> Standing:
    # Its time is not remembered: the rows of that time may still come, and are then judged.
    return replace(_in_word(standing, word, max(reading.at_ms, standing.since_ms)), reason=reason)


def _in_word(standing: Standing, word: Word, at_ms: int) -> Standing:
    return standing if standing.word == word else replace(standing, word=word, since_ms=at_ms)


def _judged(
    rule: AlertRule, was: tuple[bool, ...], before: tuple[float | None, ...], reading: Reading
) -> tuple[tuple[bool | None, ...], tuple[float | None, ...], str]:
    """Of each condition whether it holds, None for unknown; the values seen last; and why the first unknown is so."""
    held: list[bool | None] = []
    seen: list[float | None] = []
    reason = ""
    known_before = len(before) == len(was)
    for at, condition in enumerate(rule.conditions):
        key = (condition.metric, condition.symbol)
        value = reading.values.get(key)
        last = before[at] if known_before else None
        if value is None or (reading.unfit is not None and condition.metric not in OF_THE_FEED):
            held.append(None)
            seen.append(last)
            reason = reason or reading.unfit or reading.missing.get(key) or f"{condition.metric} has no value"
            continue
        held.append(_holds(condition, value, last, was=was[at]))
        seen.append(value)
    return tuple(held), tuple(seen), reason


def _holds(condition: Condition, value: float, last: float | None, *, was: bool) -> bool:
    size = abs(value) if condition.operator == "abs>=" else value
    compare = _COMPARED[condition.operator]
    if was:
        return compare(size, condition.threshold if condition.leave is None else condition.leave)
    outside = _CROSSINGS.get(condition.operator)
    if outside is not None and (last is None or not outside(last, condition.threshold)):
        return False
    return compare(size, condition.threshold)


def _joined(rule: AlertRule, held: tuple[bool | None, ...]) -> bool | None:
    """Whether the conditions hold together, None where that is not known."""
    if rule.join == "any" and True in held:
        return True
    if None in held:
        return None
    return rule.join == "all" and False not in held


def _is_new_bar(standing: Standing, reading: Reading) -> bool:
    return reading.bar_ms is not None and (standing.bar_ms is None or reading.bar_ms > standing.bar_ms)


def _pending_since(standing: Standing, at_ms: int) -> int:
    """Since when the conditions hold, a time without data left out."""
    if standing.pending_ms is None:
        return at_ms
    blind = standing.word in {"NoData", "Error"} and standing.at_ms is not None
    return standing.pending_ms + (at_ms - (standing.at_ms or at_ms) if blind else 0)


def _told(rule: AlertRule, standing: Standing, reading: Reading) -> tuple[Standing, tuple[AlertEvent, ...]]:
    """The conditions hold."""
    at_ms = reading.at_ms
    snoozed = rule.snoozed_until_ms is not None and at_ms < rule.snoozed_until_ms
    if standing.event:
        firing = _in_word(standing, "Firing", at_ms)
        due = rule.repeat_ms is not None and at_ms - (standing.told_ms or 0) >= rule.repeat_ms
        if snoozed or not due:
            return firing, ()
        firing = replace(firing, told_ms=at_ms)
        return firing, (_event(rule, firing, reading, "repeated", at_ms),)
    has_held = at_ms - (standing.pending_ms or at_ms) >= rule.hold_ms
    rests = standing.ended_ms is not None and at_ms - standing.ended_ms < rule.cooldown_ms
    if snoozed or rests or not has_held:
        return _in_word(standing, "Pending", at_ms), ()
    limit = rule.most_per_hour
    held_back = limit is not None and len(standing.fired_ms) >= limit
    fired = replace(
        _in_word(standing, "Firing", at_ms),
        event=standing.events + 1,
        events=standing.events + 1,
        held_back=held_back,
        told_ms=at_ms,
        fired_ms=standing.fired_ms if limit is None or held_back else (*standing.fired_ms, at_ms),
    )
    return fired, (_event(rule, fired, reading, "fired", at_ms),)


def _ended(rule: AlertRule, standing: Standing, reading: Reading) -> tuple[Standing, tuple[AlertEvent, ...]]:
    """The conditions do not hold."""
    normal = _in_word(standing, "Normal", reading.at_ms)
    if not standing.event:
        return normal, ()
    ended = replace(normal, event=0, held_back=False, ended_ms=reading.at_ms)
    return ended, (_event(rule, standing, reading, "resolved", reading.at_ms),)


def _event(
    rule: AlertRule, standing: Standing, reading: Reading, kind: EventKind, at_ms: int, reason: str | None = None
) -> AlertEvent:
    """What is told of the standing's open event."""
    snoozed = rule.snoozed_until_ms is not None and at_ms < rule.snoozed_until_ms
    keys = [(one.metric, one.symbol) for one in rule.conditions]
    name = f"{rule.id}-{standing.event}-{kind}"
    return AlertEvent(
        id=f"{name}-{at_ms}" if kind == "repeated" else name,
        rule_id=rule.id,
        event=standing.event,
        kind=kind,
        at_ms=at_ms,
        conditions=rule.conditions,
        values={key: reading.values[key] for key in keys if key in reading.values},
        version=reading.version,
        held_back=standing.held_back or snoozed,
        late=reading.late,
        reason=reason,
    )
