"""The lean product as a process: started, read, stopped for a while, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fakes import wait_until
from tests.reliability.seen import Seen, seen_in_health
from tests.reliability.stage import Stage

HOME = Path(__file__).resolve().parents[2]


class Lean:
    """One run of tests.reliability.lean, begun by `with`. Its newest line is what is seen."""

    def __init__(self, stage: Stage, *flags: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PAIRWATCH_")}
        command = ["--source", "live", "--data-dir", str(stage.data_dir), "--history-minutes", "0", *flags]
        self._stage = stage
        self._seen: dict[str, Seen] = {}
        self._errors = (stage.folder / "lean.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.lean", "--wait", *command],
            cwd=HOME,
            env=clean | stage.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        if self.process.stdin is not None:
            self.process.stdin.write("\n")
            self.process.stdin.close()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.end(signal.SIGKILL)

    def seen(self) -> dict[str, Seen]:
        """What it said last; nothing before its first word."""
        if self.process.poll() not in {None, 0, -signal.SIGTERM, -signal.SIGKILL}:
            raise AssertionError((self._stage.folder / "lean.log").read_text(encoding="utf-8")[-3000:])
        return self._seen

    def is_live(self) -> bool:
        """Every symbol delivers and has something stored."""
        seen = self.seen()
        return all(
            symbol in seen and seen[symbol].state == "LIVE" and seen[symbol].last_id is not None
            for symbol in self._stage.symbols
        )

    def until_live(self, *, within_s: float = 60.0) -> None:
        wait_until(self.is_live, what="every symbol is LIVE", within_s=within_s)

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, how: signal.Signals = signal.SIGTERM) -> dict[str, Seen]:
        """End it and wait; what it had said until then."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            if how is signal.SIGKILL:
                self.process.send_signal(signal.SIGCONT)
        self.process.wait(timeout=60)
        self._reader.join(timeout=10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self._errors.close()
        return self._seen

    def _read(self) -> None:
        if self.process.stdout is None:
            return
        for line in self.process.stdout:
            if line.endswith("\n"):
                self._seen = seen_in_health(json.loads(line))


class Successors:
    """Lean products one after the other; while one runs, the next has its imports behind it."""

    def __init__(self, stage: Stage) -> None:
        self._next = Lean(stage)

    def __call__(self, stage: Stage) -> Lean:
        ready, self._next = self._next, Lean(stage)
        return ready

    def end(self) -> None:
        self._next.end(signal.SIGKILL)
