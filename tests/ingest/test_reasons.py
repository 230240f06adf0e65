"""Every way in which the exchange cannot be reached has a sentence."""

import socket
import ssl

import pytest
import requests

from ingest.reasons import failure_reason, status_reason


def wrapped(inner: Exception) -> Exception:
    """As an HTTP library hands it on."""
    outer = requests.exceptions.ConnectionError("Max retries exceeded")
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "cannot be looked up"),
        (ConnectionRefusedError(111, "Connection refused"), "refuses the connection"),
        (ConnectionResetError(104, "reset"), "dropped the connection"),
        (TimeoutError("timed out"), "does not answer in time"),
        (requests.exceptions.ProxyError("Cannot connect to proxy"), "the proxy on the way"),
    ],
)
def test_the_innermost_known_cause_is_named(error: Exception, words: str) -> None:
    for one in (error, wrapped(error)):
        sentence = failure_reason(one, "https://fapi.example.com/x")
        assert words in sentence
        assert "fapi.example.com" in sentence


def test_an_unknown_failure_keeps_its_own_words() -> None:
    assert "cannot be reached (odd)" in failure_reason(OSError("odd"), "https://fapi.example.com")


def test_a_certificate_that_cannot_be_trusted_is_told_as_such() -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    assert "self-signed certificate" in failure_reason(wrapped(error), "wss://fstream.example.com/market")


@pytest.mark.parametrize("status", [403, 407, 418, 429, 451, 500, 502])
def test_every_refusal_names_its_status(status: int) -> None:
    assert str(status) in status_reason(status, "https://fapi.example.com")
