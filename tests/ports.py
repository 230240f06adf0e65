"""Ports of loopback that a test may count on."""

from __future__ import annotations

import socket
import sys
from functools import cache


def free_port() -> int:
    """A port where nobody listens, and that nobody is given by chance as long as this process lives.

    Whoever asks for it by number can listen there. Beside other test runs this matters: a port that was only looked
    up could be somebody else's before the product has begun.
    """
    with socket.socket() as holder:
        # Linux: held like this, the port refuses connections, goes to whoever names it, and is never drawn for another.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        port = int(holder.getsockname()[1])
        if sys.platform == "linux":
            holder.detach()
    return port


def page_port() -> int:
    """Where this process serves pages: always the same port, because a browser keeps what it has compiled of a page by
    its address; another one while somebody listens there.
    """
    with socket.socket() as asker:
        is_taken = asker.connect_ex(("127.0.0.1", _home_port())) == 0
    return free_port() if is_taken else _home_port()


@cache
def _home_port() -> int:
    return free_port()
