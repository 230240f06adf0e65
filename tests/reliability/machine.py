"""What a process takes from the machine, read from /proc (Linux)."""

from __future__ import annotations

from contextlib import suppress
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


def sockets(pid: int) -> int:
    """How many sockets a process holds that runs; its files come and go with what it reads."""
    count = 0
    for descriptor in (Path("/proc") / str(pid) / "fd").iterdir():
        with suppress(FileNotFoundError):  # closed a moment ago
            count += str(descriptor.readlink()).startswith("socket:")
    return count
