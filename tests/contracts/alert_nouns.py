"""Rules, standings, events and messages to write into a book of alerts."""

from __future__ import annotations

from analytics.alert_book import Message
from analytics.alert_channels import Channel, QuietHours, SecretText
from analytics.alerts import AlertEvent, AlertRule, Condition, EventKind, Standing
from analytics.market import PairParams, PairQuery, Timeframe

NOW = 1_760_000_000_000
BTC_ETH = PairQuery("BTCUSDT", "ETHUSDT")
SOL_AVAX = PairQuery("SOLUSDT", "AVAXUSDT", PairParams(Timeframe.M1, 60, 500, "fixed", fixed_ratio=4.5))
FAR_OUT = (Condition("zscore", "abs>=", 2.0, leave=1.5),)
RULE = AlertRule(0, "Far out", BTC_ETH, FAR_OUT, channels=("ops",), hold_ms=5_000)
EVERY_FIELD = AlertRule(
    0,
    "Ölt & “mehr”",
    SOL_AVAX,
    (Condition("price", ">", 101.25, symbol="SOLUSDT"), Condition("zscore", "crosses_below", -2.0)),
    join="any",
    evaluation="bar_close",
    hold_ms=60_000,
    cooldown_ms=120_000,
    repeat_ms=600_000,
    expires_ms=NOW + 10**9,
    snoozed_until_ms=NOW + 10**6,
    most_per_hour=6,
    channels=("ops", "phone"),
    template="$name: $z",
)
URL = "https://hooks.example.org/services/T0/verysecrettoken"
SIGNING = "whsec_c2VjcmV0IHNpZ25pbmcga2V5IG9mIG91cnM="
OPS = Channel("ops", "webhook", SecretText(URL), (SecretText(SIGNING),), QuietHours(22 * 60, 7 * 60, "Europe/Berlin"))
PHONE = Channel("Phone", "apprise", SecretText("ntfy://verysecrettopic"), active=False)


def event(rule: AlertRule, number: int, kind: EventKind = "fired", at_ms: int | None = None) -> AlertEvent:
    at_ms = NOW + number * 1_000 if at_ms is None else at_ms
    return AlertEvent(
        f"{rule.id}-{number}-{kind}",
        rule.id,
        number,
        kind,
        at_ms,
        rule.conditions,
        {("zscore", None): 2.0 + 1 / 3, ("price", "SOLUSDT"): 101.5},
        version=17,
    )


def firing(number: int) -> Standing:
    return Standing("Firing", NOW, held=(True,), before=(2.3,), event=number, events=number, fired_ms=(NOW,))


def message(event_id: str, channel: str = "ops", **fields: object) -> Message:
    return Message(event_id, channel, f'{{"id":"{event_id}"}}', **fields)  # type: ignore[arg-type]
