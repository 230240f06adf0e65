"""What a process takes from the machine, read from /proc (Linux)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Footprint:
    """rss_mib: resident memory.  peak_mib: the most it ever was.  files: open descriptors."""

    rss_mib: float
    peak_mib: float
    threads: int
    files: int


def footprint(pid: int) -> Footprint:
    """Of a process that runs."""
    folder = Path("/proc") / str(pid)
    told = dict(line.split(":", 1) for line in (folder / "status").read_text(encoding="ascii").splitlines())
    return Footprint(
        rss_mib=int(told["VmRSS"].split()[0]) / 1024,
        peak_mib=int(told["VmHWM"].split()[0]) / 1024,
        threads=int(told["Threads"]),
        files=len(list((folder / "fd").iterdir())),
    )


def clients(port: int) -> int:
    """How many connections are open at the side of a server on 127.0.0.1, taken or still to be taken."""
    is_open = {"01", "08"}  # ESTABLISHED, and CLOSE_WAIT: the client is gone, the server has not closed yet
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    rows = [line.split() for line in lines]
    return sum(local.endswith(f":{port:04X}") and state in is_open for _number, local, _remote, state, *_ in rows)
