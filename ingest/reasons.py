"""Why the exchange cannot be reached, as a sentence that a trader can act on."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

import requests

from ingest.route import ProxyRefusal

_BY_STATUS = {
    200: "{host} answers with a web page instead of data (HTTP 200): does this network ask for a login first?",
    403: "{host} refuses this address (HTTP 403): a firewall rule or a temporary limit; it is asked again after some "
    "minutes, and a recording (--replay FILE) or the demo market (--source demo) work meanwhile",
    407: "the proxy asks for a login (HTTP 407): set its user and password in HTTPS_PROXY",
    418: "{host} has banned this address for a while (HTTP 418): too many requests; no request is sent until it ends",
    429: "{host} asks for fewer requests (HTTP 429): waiting as it demands",
    451: "{host} does not serve this location (HTTP 451): Binance's public spot data, a recording (--replay FILE) and "
    "the demo market (--source demo) still work here",
}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Most telling first: each is tried against every wrapped cause, from the innermost out.
_BY_KIND: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLError, "no secure connection to {host} ({detail})"),
    (socket.gaierror, "the name {host} cannot be looked up, this machine seems to be offline"),
    (ConnectionRefusedError, "{host} refuses the connection"),
    (ConnectionResetError, "{host} dropped the connection"),
    (TimeoutError, "{host} does not answer in time"),
    (requests.exceptions.Timeout, "{host} does not answer in time"),
)


def host_of(url: str) -> str:
    """The host name of an address, for sentences."""
    return urlsplit(url).hostname or url


def status_reason(status: int, url: str) -> str:
    """What an HTTP status means to the user."""
    host = host_of(url)
    if status in _REDIRECTS:
        return f"{host} sends us to another page (HTTP {status}): does this network ask for a login first?"
    return _BY_STATUS.get(status, "{host} answers with HTTP " + str(status)).format(host=host)


def failure_reason(error: BaseException, url: str) -> str:
    """The deepest known cause of a failed connection; libraries wrap it several times."""
    host = host_of(url)
    causes = _causes(error)
    for cause in causes:
        # A proxy that refuses looks like an exchange that refuses, except for what is wrapped around it.
        if isinstance(cause, ProxyRefusal):
            return f"{cause}; it is on the way to {host}"
        if isinstance(cause, requests.exceptions.ProxyError):
            return f"the proxy on the way to {host} cannot be used"
    for cause in causes:
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
