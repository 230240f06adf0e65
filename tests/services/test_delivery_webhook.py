"""A webhook against a receiver that behaves and misbehaves, over real sockets on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.alert_channels import Channel, SecretText
from analytics.errors import BadInput, ReceiverUnavailable
from services.clock import SystemClock
from services.delivery.letters import Letter
from services.delivery.outcome import masked, outcome_of, wait_asked_ms
from services.delivery.post import Reply, Wire
from services.delivery.webhook import WebhookNotifier, new_secret, signature
from tests.fakes import FakeClock
from tests.ingest.simulator.certificate import self_signed
from tests.services.receiver import Answer, Receiver, endless, raw, receiving, stall, status

LETTER = Letter("7-3-fired", "BTC/ETH", "z 2.31", {"type": "alert.fired", "timestamp": "t", "data": {"text": "z 2.31"}})


def notifier(*, local: bool = True, deadline_ms: int = 10_000, tls: ssl.SSLContext | None = None) -> WebhookNotifier:
    wire = Wire(SystemClock().monotonic_ms, threading.Event(), lambda: tls or ssl.create_default_context(), deadline_ms)
    return WebhookNotifier(SystemClock(), wire, lambda host, _port: (host,), local=local)


def channel(receiver: Receiver, *signing: SecretText) -> Channel:
    return Channel("desk", "webhook", SecretText(receiver.url), signing)


def test_the_signature_is_that_of_the_published_example() -> None:
    secret = SecretText("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    given = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert given == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_arrives_signed_with_both_secrets_while_one_replaces_the_other() -> None:
    new, old = new_secret(), new_secret()
    with receiving(status(204, "X-Request-Id: r-1")) as receiver:
        outcome = notifier().send(channel(receiver, new, old), LETTER, 2)
    (got,) = receiver.received
    assert outcome.fate == "accepted"
    assert "204 No Content" in outcome.receipt
    assert outcome.receipt.endswith("request r-1")
    assert got.head == "POST /hook/token-of-the-path?key=value-of-the-key HTTP/1.1"
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["webhook-id"] == "7-3-fired"
    assert json.loads(got.body) == {"type": "alert.fired", "timestamp": "t", "data": {"text": "z 2.31", "attempt": 2}}
    signed = f"7-3-fired.{got.headers['webhook-timestamp']}.".encode() + got.body
    for secret, told in zip((new, old), got.headers["webhook-signature"].split(" "), strict=True):
        key = base64.b64decode(secret.reveal().removeprefix("whsec_"))
        assert told == "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "secret", "whsec_????", "whsec_" + base64.b64encode(b"short").decode()]
)
def test_a_weak_secret_is_refused_without_being_told(secret: str) -> None:
    wanted = Channel("desk", "webhook", SecretText("https://example.com/"), (SecretText(secret),))
    with pytest.raises(BadInput, match="whsec_ and the base64") as refused:
        notifier().check(wanted)
    assert not secret.startswith("whsec_?") or secret not in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "fate", "told"),
    [
        (status(200), "accepted", "200 OK"),
        (status(202), "accepted", "202 Accepted"),
        (status(301, "Location: http://127.0.0.1:1/"), "refused", "redirects are not followed"),
        (status(307, "Location: http://169.254.169.254/"), "refused", "redirects are not followed"),
        (status(400), "refused", "400 Bad Request"),
        (status(401), "refused", "401"),
        (status(404), "refused", "404 Not Found"),
        (status(408), "again", "408"),
        (status(410), "gone", "410 Gone"),
        (status(425), "again", "425"),
        (status(429, "Retry-After: 7"), "again", "429"),
        (status(500), "again", "500"),
        (status(503, "Retry-After: 100000"), "again", "503"),
        (raw(b""), "again", "broke off"),
        (raw(b"HTTP/1.1 20"), "again", "broke off"),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "again", "not HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly"), "accepted", "200"),
        (raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 50), "again", "interim"),
        (endless(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n"), "again", "too long"),
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"and more" * 1000), "accepted", "200"),
    ],
)
def test_every_answer_has_its_fate(answer: Answer, fate: str, told: str) -> None:
    with receiving(answer) as receiver:
        outcome = notifier().send(channel(receiver), LETTER, 1)
    assert (outcome.fate, told in outcome.receipt) == (fate, True), outcome
    assert receiver.connections == 1


@pytest.mark.parametrize("answer", [stall, raw(b"HTTP/1.1 200 OK\r\nX: ")])
def test_a_receiver_that_stalls_is_left_at_the_deadline(answer: Answer) -> None:
    def stalling(sock: object, ended: threading.Event) -> None:
        answer(sock, ended)  # type: ignore[arg-type]
        ended.wait()

    with receiving(stalling) as receiver:
        outcome = notifier(deadline_ms=100).send(channel(receiver), LETTER, 1)
    assert outcome.fate == "again"
    assert outcome.receipt == "no answer within 0.1 s"


def test_a_closed_port_is_worth_another_try() -> None:
    with receiving(status(200)) as receiver:
        pass
    outcome = notifier().send(channel(receiver), LETTER, 1)
    assert (outcome.fate, "connection failed" in outcome.receipt) == ("again", True)


def test_without_the_setting_nothing_local_is_even_connected_to() -> None:
    with receiving(status(200)) as receiver:
        plain = notifier(local=False).send(channel(receiver), LETTER, 1)
        hidden = replace(channel(receiver), url=SecretText(f"https://looks-fine.example:{receiver.port}/"))
        wire = Wire(SystemClock().monotonic_ms, threading.Event(), ssl.create_default_context)
        rebound = WebhookNotifier(SystemClock(), wire, lambda *_: ("127.0.0.1",), local=False).send(hidden, LETTER, 1)
    assert receiver.connections == 0
    assert plain.fate == rebound.fate == "refused"
    assert "127.0.0.1 is this machine itself" in rebound.receipt


def test_a_certificate_must_be_trusted_and_carry_the_name(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=certificate[0])
    with receiving(status(200), certificate=certificate) as receiver:
        there = replace(channel(receiver), url=SecretText(f"https://127.0.0.1:{receiver.port}/"))
        named = replace(channel(receiver), url=SecretText(f"https://other.example:{receiver.port}/"))
        stranger = notifier().send(there, LETTER, 1)
        known = notifier(tls=trusting).send(there, LETTER, 1)
        wire = Wire(SystemClock().monotonic_ms, threading.Event(), lambda: trusting)
        other = WebhookNotifier(SystemClock(), wire, lambda *_: ("127.0.0.1",), local=True).send(named, LETTER, 1)
    assert (stranger.fate, "certificate" in stranger.receipt) == ("again", True)
    assert known.fate == "accepted"
    assert (other.fate, "mismatch" in other.receipt) == ("again", True)
    assert len(receiver.received) == 1


def test_a_name_that_is_not_found_is_worth_another_try() -> None:
    def lost(_host: str, _port: int) -> tuple[str, ...]:
        raise ReceiverUnavailable("the name is not found")

    wire = Wire(SystemClock().monotonic_ms, threading.Event(), ssl.create_default_context)
    away = Channel("desk", "webhook", SecretText("https://away.example/"))
    assert WebhookNotifier(SystemClock(), wire, lost, local=False).send(away, LETTER, 1).fate == "again"


def test_a_wish_to_wait_is_heard_within_an_hour() -> None:
    now_ms = 1_700_000_000_000  # Tue, 14 Nov 2023 22:13:20 GMT
    assert wait_asked_ms("7", now_ms) == 7_000
    assert wait_asked_ms("0", now_ms) == 0
    assert wait_asked_ms("86400", now_ms) == 3_600_000
    assert wait_asked_ms("Tue, 14 Nov 2023 22:14:20 GMT", now_ms) == 60_000
    assert wait_asked_ms("Tue, 14 Nov 2023 22:00:00 GMT", now_ms) == 0
    for nonsense in (None, "", "-5", "soon", "1e9", "٣"):
        assert wait_asked_ms(nonsense, now_ms) is None


def test_an_answer_that_tells_the_secret_back_is_masked() -> None:
    secret = new_secret()
    wanted = Channel("desk", "webhook", SecretText("https://hook.example/very-secret/path?key=token-1"), (secret,))
    for part in ("very-secret", "token-1", secret.reveal(), secret.reveal().removeprefix("whsec_")):
        said = outcome_of(Reply(500, 1, request_id=f"{part}\r\n\x1b[2J"), FakeClock().now_ms()).receipt
        told = masked(said, (wanted.url, *wanted.signing))
        assert part not in told
        assert told.isprintable()
    assert "hook.example" in masked("hook.example was not found", (wanted.url,))


def test_a_receipt_is_one_short_line() -> None:
    told = masked("first\r\nsecond \x1b[31m" + "x" * 5000, ())
    assert told.startswith("first second [31mx")
    assert len(told) == 300
    assert len(outcome_of(Reply(500, 1, request_id="r" * 5000), 0).receipt) < 150


def test_a_channel_shows_no_secret_of_its_own() -> None:
    secret = new_secret()
    wanted = Channel("desk", "webhook", SecretText("https://hook.example/token"), (secret,))
    for shown in (repr(wanted), str(wanted), f"{wanted.url}", repr(secret), f"{secret!s:>10}"):
        assert "token" not in shown
        assert secret.reveal() not in shown
