"""What a rule may be. Each refusal names the field and the cure, before anybody waits for a rule that cannot fire."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Final

from analytics.alert_words import checked_template
from analytics.alerts import METRICS, OF_THE_FEED, OPERATORS, AlertRule, Condition, Metric
from analytics.errors import BadInput
from analytics.hedging import MOVING
from analytics.kept import WatchedPair
from analytics.kept_checks import checked_name
from analytics.market import Timeframe
from analytics.pair_document import pair_fields, pair_of

MOST_CONDITIONS: Final = 8
MOST_CHANNELS: Final = 10
MOST_PER_HOUR: Final = 1_000
SHORTEST_REPEAT_MS: Final = 10_000
LONGEST_MS: Final = 30 * 86_400_000
OF_A_LEG: Final[frozenset[Metric]] = frozenset({"price", "funding", "tick_age"})

_LATEST_MS: Final = 10**14
_LARGEST: Final = 1e12
# What a metric can ever be; a level beyond it would never be reached.
_BOUNDS: Final[dict[Metric, tuple[float, float]]] = {
    "correlation": (-1.0, 1.0),
    "return_correlation": (-1.0, 1.0),
    "adf_pvalue": (0.0, 1.0),
    "engle_granger_pvalue": (0.0, 1.0),
    "price": (0.0, _LARGEST),
    "ratio": (0.0, _LARGEST),
    "half_life": (0.0, _LARGEST),
    "tick_age": (0.0, _LARGEST),
    "gap": (0.0, _LARGEST),
}
_OF_A_STILL_LINE: Final[frozenset[Metric]] = frozenset({"adf_pvalue", "half_life", "net_edge_bps"})
_UPWARD: Final = frozenset({">", ">=", "crosses_above"})


def checked(rule: AlertRule) -> AlertRule:
    """The rule under a clean name, once each field is what it may be.

    Raises BadInput that names the field and the cure.

    >>> from analytics.market import PairQuery
    >>> far_out = (Condition("zscore", "abs>=", 2.0, leave=1.5),)
    >>> checked(AlertRule(1, " far  out ", PairQuery("BTCUSDT", "ETHUSDT"), far_out)).name
    'far out'
    """
    query = pair_of(pair_fields(WatchedPair(rule.query))).query  # what could not be read back cannot be kept
    if not 1 <= len(rule.conditions) <= MOST_CONDITIONS:
        raise BadInput(f"conditions: an alert has 1 to {MOST_CONDITIONS} of them, not {len(rule.conditions)}")
    for at, condition in enumerate(rule.conditions):
        try:
            checked_condition(condition)
            _check_of_pair(rule, condition)
        except BadInput as error:
            raise BadInput(f"conditions[{at}].{error}") from error
    if rule.join not in {"all", "any"}:
        raise BadInput(f"join: “{rule.join}” is none of all, any")
    _check_evaluation(rule)
    _check_times(rule)
    if rule.most_per_hour is not None and not 1 <= rule.most_per_hour <= MOST_PER_HOUR:
        raise BadInput(f"most_per_hour: give 1 to {MOST_PER_HOUR}, or leave it out for no limit")
    return replace(
        rule,
        name=checked_name("alert", rule.name),
        query=query,
        channels=_channels(rule),
        template=checked_template(rule.template),
    )


def checked_condition(condition: Condition) -> Condition:
    """The same condition, as far as it can be judged without its pair. Raises BadInput that names the field."""
    metric, operator, threshold, leave = condition.metric, condition.operator, condition.threshold, condition.leave
    if metric not in METRICS:
        raise BadInput(f"metric: “{metric}” is none of {', '.join(METRICS)}")
    if operator not in OPERATORS:
        raise BadInput(f"operator: “{operator}” is none of {', '.join(OPERATORS)}")
    _check_level("threshold", threshold, metric)
    if operator == "abs>=" and threshold <= 0:
        raise BadInput("threshold: an absolute value is always at least 0; give a threshold above 0")
    if leave is not None:
        _check_leave(condition, leave)
    if condition.symbol is not None and metric not in OF_A_LEG:
        raise BadInput(f"symbol: {metric} is of the pair, not of a leg; leave the symbol out")
    return condition


def _check_level(name: str, level: float, metric: Metric) -> None:
    if isinstance(level, bool) or not isinstance(level, int | float) or not math.isfinite(level):
        raise BadInput(f"{name}: this must be a finite number, such as 2.5")
    least, most = _BOUNDS.get(metric, (-_LARGEST, _LARGEST))
    if not least <= level <= most:
        raise BadInput(f"{name}: {metric} lies from {least:g} to {most:g}; {level:g} is never reached")


def _check_leave(condition: Condition, leave: float) -> None:
    operator, threshold = condition.operator, condition.threshold
    if operator == "abs>=":
        if not (math.isfinite(leave) and 0 <= leave <= threshold):
            raise BadInput(f"leave: the way back ends between 0 and {threshold:g}; {leave:g} does not")
        return
    _check_level("leave", leave, condition.metric)
    if operator in _UPWARD and leave > threshold:
        raise BadInput(f"leave: what rises to {threshold:g} ends at that or below, not at {leave:g}")
    if operator not in _UPWARD and leave < threshold:
        raise BadInput(f"leave: what falls to {threshold:g} ends at that or above, not at {leave:g}")


def _check_of_pair(rule: AlertRule, condition: Condition) -> None:
    """What only the pair and its settings tell."""
    params, metric, symbol = rule.query.params, condition.metric, condition.symbol
    legs = (rule.query.y_symbol, rule.query.x_symbol)
    if symbol is not None and symbol not in legs:
        raise BadInput(f"symbol: “{symbol[:30]}” is no leg of the pair; give {legs[0]} or {legs[1]}, or leave it out")
    if params.hedge in MOVING and metric in _OF_A_STILL_LINE:
        raise BadInput(
            f"metric: {metric} does not apply to a {params.hedge} spread; choose ols, tls, huber or theil_sen"
        )
    if params.timeframe is Timeframe.TICK and metric == "return_correlation":
        raise BadInput("metric: on tick a row is a trade of one leg, so returns have no correlation; choose bars")
    if metric == "zscore" and params.hedge != "kalman":
        window = min(params.window_bars, params.sample_bars)
        largest = (window - 1) / math.sqrt(window)
        if abs(condition.threshold) > largest:
            raise BadInput(
                f"threshold: over {window} bars a z-score never exceeds {largest:.2f}; give less, or a longer window"
            )


def _check_evaluation(rule: AlertRule) -> None:
    if rule.evaluation not in {"live", "bar_close"}:
        raise BadInput(f"evaluation: “{rule.evaluation}” is none of live, bar_close")
    if rule.evaluation == "bar_close" and rule.query.params.timeframe is Timeframe.TICK:
        raise BadInput("evaluation: a tick has no close; choose live, or a timeframe from 1s on")
    feed = next((one.metric for one in rule.conditions if one.metric in OF_THE_FEED), None)
    if rule.evaluation == "bar_close" and feed is not None:
        raise BadInput(f"evaluation: a feed that is dead closes no bar; watch {feed} live")


def _check_times(rule: AlertRule) -> None:
    for name, value in (("hold_ms", rule.hold_ms), ("cooldown_ms", rule.cooldown_ms)):
        if not _is_whole(value) or not 0 <= value <= LONGEST_MS:
            raise BadInput(f"{name}: give 0 to {LONGEST_MS:,} ms (30 days)")
    if rule.repeat_ms is not None and not (
        _is_whole(rule.repeat_ms) and SHORTEST_REPEAT_MS <= rule.repeat_ms <= LONGEST_MS
    ):
        raise BadInput(
            f"repeat_ms: give {SHORTEST_REPEAT_MS:,} to {LONGEST_MS:,} ms (10 s to 30 days), or leave it out for never"
        )
    for name, moment in (
        ("expires_ms", rule.expires_ms),
        ("snoozed_until_ms", rule.snoozed_until_ms),
        ("created_ms", rule.created_ms),
    ):
        if moment is not None and not (_is_whole(moment) and 0 <= moment <= _LATEST_MS):
            raise BadInput(f"{name}: give a time in milliseconds since 1970, UTC")
    if not _is_whole(rule.id) or rule.id < 0:
        raise BadInput("id: give a whole number from 0 on")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _channels(rule: AlertRule) -> tuple[str, ...]:
    if len(rule.channels) > MOST_CHANNELS:
        raise BadInput(f"channels: at most {MOST_CHANNELS}, not {len(rule.channels)}")
    names = tuple(checked_name("channel", name) for name in rule.channels)
    for before, after in pairwise(sorted(names)):
        if before == after:
            raise BadInput(f"channels: “{before}” is there twice; name it once")
    return names
