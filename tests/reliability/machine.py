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
