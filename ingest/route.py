"""The way to a host: straight, or through the proxy that the environment names, by the rules that `requests` follows.

So the WebSocket goes the same way as REST: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in either case.
"""

from __future__ import annotations

import base64
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from requests import utils as proxies

from ingest.deadline import Deadline

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_HEAD_BYTES = 16 * 1024
_PORTS = {"ws": 80, "wss": 443, "http": 80}


class ProxyRefusal(OSError):
    """The proxy on the way cannot be used; the message is the sentence for the screen."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. credentials: `user:password`, or empty."""

    host: str
    port: int
    credentials: str = ""


def host_and_port(url: str) -> tuple[str, int]:
    """Where a `ws://` or `wss://` address leads. Raises ValueError when it names no host or another scheme."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"ws", "wss"}:
        raise ValueError(f"{url} is no WebSocket address")
    return parts.hostname, parts.port or _PORTS[parts.scheme]


def proxy_for(url: str) -> Proxy | None:
    """The proxy that the environment names for a `ws://` or `wss://` address. Loopback never has one.

    Raises ProxyRefusal when it is of a kind that the WebSocket cannot use.
    """
    host, port = host_and_port(url)
    if host in LOOPBACK:
        return None
    name = f"[{host}]" if ":" in host else host
    asked = f"{'https' if url.startswith('wss') else 'http'}://{name}:{port}/"
    chosen = proxies.select_proxy(asked, proxies.get_environ_proxies(asked))
    if not chosen:
        return None
    parts = urlsplit(chosen if "://" in chosen else f"http://{chosen}")
    if parts.scheme != "http" or not parts.hostname:
        raise ProxyRefusal(
            f"the proxy setting {parts.scheme}://{parts.hostname or ''} cannot be used: give an http:// one"
        )
    user, password = proxies.get_auth_from_url(parts.geturl())
    return Proxy(parts.hostname, parts.port or _PORTS["http"], f"{user}:{password}" if user else "")


def dial(url: str, deadline: Deadline) -> socket.socket:
    """A TCP connection to the host of a `ws://` or `wss://` address, through the proxy where there is one.

    Raises OSError, ProxyRefusal among them; nothing is left open then.
    """
    proxy = proxy_for(url)
    if proxy is None:
        return _without_delay(socket.create_connection(host_and_port(url), timeout=deadline.left_s()))
    try:
        sock = socket.create_connection((proxy.host, proxy.port), timeout=deadline.left_s())
    except OSError as error:
        raise ProxyRefusal(f"the proxy {proxy.host}:{proxy.port} cannot be reached ({error})") from error
    try:
        _tunnel(sock, proxy, url, deadline)
    except BaseException:
        sock.close()
        raise
    return _without_delay(sock)


def _without_delay(sock: socket.socket) -> socket.socket:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return sock


def _tunnel(sock: socket.socket, proxy: Proxy, url: str, deadline: Deadline) -> None:
    host, port = host_and_port(url)
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.credentials:
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(proxy.credentials.encode()).decode()}")
    name = f"{proxy.host}:{proxy.port}"
    try:
        sock.sendall("\r\n".join([*lines, "", ""]).encode())
        words = _head(sock, deadline).split(b"\r\n", 1)[0].split()
    except TimeoutError as error:
        raise ProxyRefusal(f"the proxy {name} does not answer in time") from error
    except OSError as error:
        raise ProxyRefusal(f"the proxy {name} dropped the connection ({error})") from error
    if len(words) < 2 or not words[0].startswith(b"HTTP/"):
        raise ProxyRefusal(f"the proxy {name} answers with something other than HTTP")
    if words[1] == b"407":
        raise ProxyRefusal(f"the proxy {name} asks for a login (HTTP 407): set its user and password in HTTPS_PROXY")
    if words[1] != b"200":
        raise ProxyRefusal(f"the proxy {name} refuses to connect to {host} (HTTP {words[1][:3].decode('latin-1')})")


def _head(sock: socket.socket, deadline: Deadline) -> bytes:
    """The proxy's answer up to its blank line. Byte by byte: what follows belongs to the exchange."""
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        sock.settimeout(deadline.left_s())
        one = sock.recv(1)
        if not one or len(head) > _HEAD_BYTES:
            raise ConnectionError("no answer" if not one else "its answer does not end")
        head += one
    return bytes(head)
