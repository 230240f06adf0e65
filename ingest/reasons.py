"""Why the exchange cannot be reached, as a sentence that a trader can act on."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

import requests
from websocket import _http

# A plain Exception where SOCKS support is not installed, so it must be caught by its own name.
ProxyError: type[Exception] = _http.ProxyError  # type: ignore[attr-defined]

_BY_STATUS = {
    403: "{host} refuses this address (HTTP 403): a firewall rule or a temporary limit; wait some minutes",
    407: "the proxy asks for a login (HTTP 407): set its user and password in HTTPS_PROXY",
    418: "{host} has banned this address for a while (HTTP 418): too many requests; no request is sent until it ends",
    429: "{host} asks for fewer requests (HTTP 429): waiting as it demands",
    451: "{host} does not serve this location (HTTP 451)",
}
# Most telling first: each is tried against every wrapped cause, from the innermost out.
_BY_KIND: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLError, "no secure connection to {host} ({detail})"),
    (socket.gaierror, "the name {host} cannot be looked up, this machine seems to be offline"),
    (ConnectionRefusedError, "{host} refuses the connection"),
    (ConnectionResetError, "{host} dropped the connection"),
    (TimeoutError, "{host} does not answer in time"),
    (requests.exceptions.ProxyError, "the proxy on the way to {host} cannot be used"),
    (requests.exceptions.Timeout, "{host} does not answer in time"),
)
BLOCKING_STATUS = frozenset({403, 418, 451})


def host_of(url: str) -> str:
    """The host name of an address, for sentences."""
    return urlsplit(url).hostname or url


def status_reason(status: int, url: str) -> str:
    """What an HTTP status means to the user."""
    return _BY_STATUS.get(status, "{host} answers with HTTP " + str(status)).format(host=host_of(url))


def failure_reason(error: BaseException, url: str) -> str:
    """The deepest known cause of a failed connection; libraries wrap it several times."""
    host = host_of(url)
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of {host} cannot be trusted ({cause.verify_message}): is something in between?"
        for kind, sentence in _BY_KIND:
            if isinstance(cause, kind):
                return sentence.format(host=host, detail=str(cause)[:80])
    text = str(error).strip().splitlines()
    return f"{host} cannot be reached ({text[0][:120] if text else type(error).__name__})"


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    queue: list[BaseException] = [error]
    while queue:
        one = queue.pop(0)
        if one in chain:
            continue
        chain.append(one)
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        queue += [item for item in inner if isinstance(item, BaseException)]
    return list(reversed(chain))
