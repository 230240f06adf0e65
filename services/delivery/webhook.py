"""A signed webhook by the conventions of Standard Webhooks: JSON by POST, told apart and proved by three headers."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

from analytics.alert_channels import Channel, SecretText
from analytics.errors import BadInput, ReceiverUnavailable
from services.delivery.addresses import Resolve, addresses_of, target_of
from services.delivery.letters import Letter
from services.delivery.outcome import Outcome, outcome_of
from services.delivery.post import Wire, post
from services.ports import Clock
from settings import VERSION

PREFIX: Final = "whsec_"
_SHORTEST_KEY, _LONGEST_KEY = 24, 64  # bytes, as the conventions ask


def new_secret() -> SecretText:
    """A signing secret, 32 random bytes."""
    return SecretText(PREFIX + base64.b64encode(secrets.token_bytes(32)).decode())


def signature(secret: SecretText, letter_id: str, timestamp_s: int, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. Raises BadInput for a secret that is none.

    >>> signature(SecretText("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
    ...           b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = f"{letter_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


class WebhookNotifier:
    """Thread-safe. local: receivers on this machine and in private networks are allowed.  resolve: finds addresses."""

    def __init__(self, clock: Clock, wire: Wire, resolve: Resolve, *, local: bool) -> None:
        self._clock = clock
        self._wire = wire
        self._resolve = resolve
        self._local = local

    def check(self, channel: Channel) -> None:
        """Raises BadInput for an address that may not be used or a secret that is none. Nothing is looked up."""
        target_of(channel.url.reveal(), local=self._local)
        if len(channel.signing) > 2:
            raise BadInput("signing: give one secret, or two while one replaces the other")
        for secret in channel.signing:
            _key(secret)

    def send(self, channel: Channel, letter: Letter, attempt: int) -> Outcome:
        """One POST; the time in its headers is that of the attempt, the id that of the letter."""
        now_ms = self._clock.now_ms()
        body = letter.body(attempt)
        try:
            self.check(channel)
            target = target_of(channel.url.reveal(), local=self._local)
            headers = _headers(channel, letter.id, now_ms // 1000, body)
            targets = addresses_of(target, self._resolve, local=self._local)
            reply = post(targets, headers, body, self._wire)
        except BadInput as error:
            return Outcome("refused", str(error))
        except ReceiverUnavailable as error:
            return Outcome("again", error.reason)
        return outcome_of(reply, now_ms)


def _headers(channel: Channel, letter_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    headers = {
        "User-Agent": f"Pairwatch/{VERSION}",
        "Content-Type": "application/json",
        "webhook-id": letter_id,
        "webhook-timestamp": str(timestamp_s),
    }
    if channel.signing:
        signatures = (signature(secret, letter_id, timestamp_s, body) for secret in channel.signing)
        headers["webhook-signature"] = " ".join(signatures)
    return headers


def _key(secret: SecretText) -> bytes:
    text = secret.reveal()
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(PREFIX) or not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
        raise BadInput(
            f"a signing secret is {PREFIX} and the base64 of {_SHORTEST_KEY} to {_LONGEST_KEY} random bytes; "
            "leave it empty to have one made"
        )
    return key
