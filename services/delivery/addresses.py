"""Whom a webhook may reach: the address is read strictly, resolved once, judged, and only then connected to.

A web page, an imported document or a name that resolves anew must not make this machine speak to itself or to its
neighbours (server-side request forgery).
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final
from urllib.parse import urlsplit

from analytics.errors import BadInput, ReceiverUnavailable

ALLOW: Final = "start Pairwatch with --allow-local-webhooks to allow it"
LONGEST_URL: Final = 2000

_NAME: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?")
_NUMERIC_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LOWEST_FREE_PORT: Final = 1024
# Ports above the reserved ones where a request with our body could be taken for a command of another protocol.
_SPEAK_OTHERWISE: Final = frozenset({1433, 1521, 2049, 2375, 2379, 3306, 3389, 5432, 5672, 5900, 6000, 6379, 6667})
_SPEAK_OTHERWISE_TOO: Final = frozenset({9042, 9092, 9200, 9300, 10250, 11211, 27017})

_NEVER_4: Final = tuple(
    (IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "stands for no address"),
        ("100.100.100.200/32", "tells secrets of a cloud machine"),
        ("168.63.129.16/32", "tells secrets of a cloud machine"),
        ("169.254.0.0/16", "is link-local, where clouds keep their secrets"),
        ("192.0.0.0/24", "is reserved"),
        ("192.0.2.0/24", "is reserved for documents"),
        ("192.31.196.0/24", "is reserved"),
        ("192.52.193.0/24", "is reserved"),
        ("192.88.99.0/24", "is a relay"),
        ("192.175.48.0/24", "is reserved"),
        ("198.18.0.0/15", "is reserved for measurements"),
        ("198.51.100.0/24", "is reserved for documents"),
        ("203.0.113.0/24", "is reserved for documents"),
        ("224.0.0.0/4", "is a multicast address"),
        ("240.0.0.0/4", "is reserved"),
    )
)
_LOCAL_4: Final = tuple(
    (IPv4Network(network), why)
    for network, why in (
        ("127.0.0.0/8", "is this machine itself"),
        ("10.0.0.0/8", "is in a private network"),
        ("172.16.0.0/12", "is in a private network"),
        ("192.168.0.0/16", "is in a private network"),
        ("100.64.0.0/10", "is in the network of a provider"),
    )
)
_LOCAL_6: Final = (
    (IPv6Network("::1/128"), "is this machine itself"),
    (IPv6Network("fc00::/7"), "is in a private network"),
)
_NEVER_6: Final = tuple(
    (IPv6Network(network), why)
    for network, why in (
        ("fd00:ec2::254/128", "tells secrets of a cloud machine"),
        ("fd20:ce::254/128", "tells secrets of a cloud machine"),
        ("2001::/23", "is reserved or a tunnel"),
        ("2001:db8::/32", "is reserved for documents"),
        ("2002::/16", "is a tunnel (6to4)"),
        ("3fff::/20", "is reserved for documents"),
    )
)
_PUBLIC_6: Final = IPv6Network("2000::/3")
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes. address: the one that was judged, to connect to.  path: with the query."""

    scheme: str
    host: str
    port: int
    path: str
    address: str = ""

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"


def target_of(url: str, *, local: bool) -> Target:
    """A URL taken apart, strictly. local: plain http may be used and local addresses named.

    Nothing is resolved. Raises BadInput; its message never holds more of the URL than scheme, host or port.
    """
    if len(url) > LONGEST_URL or not url.isascii() or any(c <= " " or c in '\\\x7f"<>^`{|}' for c in url):
        raise BadInput(
            f"the address may have up to {LONGEST_URL} plain letters, no blanks; write others as %XX or xn--"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadInput("the address cannot be read; write it like https://example.com/alerts") from error
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise BadInput("the address must be like https://example.com/alerts")
    if parts.scheme == "http" and not local:
        raise BadInput(f"http is not encrypted; use https, or for a receiver on your own network {ALLOW}")
    if "@" in parts.netloc:
        raise BadInput("the address may not hold a user or password; let the receiver check the signature instead")
    if parts.fragment:
        raise BadInput("the address may not hold a # part")
    host = _checked_host(parts.hostname)
    port = _checked_port(port if port is not None else (443 if parts.scheme == "https" else 80))
    literal = _literal(host)
    if literal is not None:
        refuse(literal, local=local)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def refuse(address: Address, *, local: bool) -> bool:
    """Whether the address is a local one that is allowed. Raises BadInput for one that may not be reached.

    local: loopback, private and provider networks are allowed. An address that only wraps an IPv4 one (mapped, NAT64)
    is judged by what it wraps; tunnels are refused.
    """
    inner = _unwrapped(address)
    if isinstance(inner, IPv4Address):
        _refuse_in(inner, _NEVER_4)
        return _is_local(inner, _LOCAL_4, local=local)
    if inner.scope_id is not None:
        raise BadInput("the address may not name an interface")
    _refuse_in(inner, _NEVER_6)
    if _is_local(inner, _LOCAL_6, local=local):
        return True
    if inner not in _PUBLIC_6:
        raise BadInput(f"{inner} is no public address")
    return False


def addresses_of(target: Target, resolve: Resolve, *, local: bool) -> tuple[Target, ...]:
    """The addresses to connect to, under the name they were found by: one look-up, so that no second one can differ.

    Raises ReceiverUnavailable when the name is not found, BadInput when any of its addresses may not be reached and
    for plain http to a public one.
    """
    found = tuple(dict.fromkeys(resolve(target.host, target.port)))
    if not found:
        raise ReceiverUnavailable(f"{target.host} has no address")
    for text in found:
        here = refuse(ipaddress.ip_address(text), local=local)
        if target.scheme == "http" and not here:
            raise BadInput("plain http is for receivers on your own network only; use https")
    return tuple(Target(target.scheme, target.host, target.port, target.path, text) for text in found)


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, by the system. Raises ReceiverUnavailable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise ReceiverUnavailable(f"the name {host} is not found") from error
    return tuple(str(one[4][0]) for one in found)


class PatientLookup:
    """Look a name up on a thread of its own, because the system's look-up cannot be told to give up.

    limit_s: how long to wait for it.
    """

    def __init__(self, resolve: Resolve = resolved, limit_s: float = 5.0) -> None:
        self._resolve = resolve
        self._limit_s = limit_s

    def __call__(self, host: str, port: int) -> Sequence[str]:
        """Raises ReceiverUnavailable, also when it takes too long."""
        found: list[Sequence[str]] = []
        failed: list[ReceiverUnavailable] = []

        def look() -> None:
            try:
                found.append(self._resolve(host, port))
            except ReceiverUnavailable as error:
                failed.append(error)

        thread = threading.Thread(target=look, name="alert-lookup", daemon=True)
        thread.start()
        thread.join(self._limit_s)
        if failed:
            raise failed[0]
        if not found:
            raise ReceiverUnavailable(f"the name {host} was not found within {self._limit_s:g} s")
        return found[0]


def _checked_host(host: str) -> str:
    if ":" in host:
        return host  # urlsplit has checked the brackets; `_literal` judges what is in them
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise BadInput("the host of the address is not a name; write it like example.com")
    labels = host.rstrip(".").split(".")
    # Resolvers read 2130706433, 0x7f.1 and 0177.0.0.1 as addresses; we take only the plain way to write one.
    if _NUMERIC_LABEL.fullmatch(labels[-1]) and _literal(host) is None:
        raise BadInput("the host of the address is a number; write a name, or an address like 198.100.1.7")
    return host.rstrip(".")


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError as error:
        if ":" in host:
            raise BadInput("the host of the address is not an IPv6 address") from error
        return None


def _checked_port(port: int) -> int:
    if port in {80, 443} or (port >= _LOWEST_FREE_PORT and port not in _SPEAK_OTHERWISE | _SPEAK_OTHERWISE_TOO):
        return port
    raise BadInput(f"port {port} is not one of a web server; use 443, or one from 1024 on that no database uses")


def _unwrapped(address: Address) -> Address:
    if isinstance(address, IPv6Address) and (address in _MAPPED or address in _TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _refuse_in(address: Address, table: Sequence[tuple[IPv4Network | IPv6Network, str]]) -> None:
    for network, why in table:
        if address in network:
            raise BadInput(f"{address} {why}, and is never sent to")


def _is_local(address: Address, table: Sequence[tuple[IPv4Network | IPv6Network, str]], *, local: bool) -> bool:
    for network, why in table:
        if address in network:
            if local:
                return True
            raise BadInput(f"{address} {why}; {ALLOW}")
    return False
