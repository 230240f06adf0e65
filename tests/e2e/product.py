"""The product as its user runs it: `python app.py` in a process of its own, asked over HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from tests.fakes import wait_until
from tests.ports import page_port

HOME = Path(__file__).resolve().parents[2]
# A proxy variable of the machine must not swallow loopback.
_OPENER = build_opener(ProxyHandler({}))


class Product:
    """One run. environment: PAIRWATCH_* beside the flags.  port: any that is free unless given."""

    def __init__(
        self, *flags: str, data_dir: Path, environment: dict[str, str] | None = None, port: int | None = None
    ) -> None:
        self.port = port or page_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "app.py", "--port", str(self.port), "--data-dir", str(data_dir), "--no-browser"]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PAIRWATCH_")}
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed in __exit__
        self.process = subprocess.Popen(
            [*command, *flags],
            cwd=HOME,
            env=clean | (environment or {}),
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        with ExitStack() as failed:
            failed.callback(self.__exit__, None, None, None)
            wait_until(self._answers, what="the server listens", within_s=120)
            failed.pop_all()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop(signal.SIGKILL)
        self._said.close()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and wait; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=60)

    def said(self) -> str:
        """Everything it has printed."""
        self._said.seek(0)
        return self._said.read().decode()

    def ask(self, path: str, body: dict[str, Any] | None = None, *, method: str | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, data=data, headers={"Content-Type": "application/json"}, method=method)
        with _OPENER.open(request, timeout=60) as answer:
            return json.loads(answer.read(), parse_constant=_not_json)

    def health(self) -> Any:
        return self.ask("/api/health")

    def snapshot(self, **changes: Any) -> Any:
        question = {"symbol_a": "BTCUSDT", "symbol_b": "ETHUSDT", "timeframe": "1s", "window": 300}
        return self.ask("/api/analytics/snapshot", question | changes)

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"it has ended with {self.process.returncode}:\n{self.said()}")
        try:
            self.health()
        except (URLError, HTTPError, ConnectionError, TimeoutError):
            return False
        return True


def _not_json(constant: str) -> float:
    raise AssertionError(f"{constant} is no JSON")


def run_once(*flags: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
    """A start that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "app.py", *flags], cwd=HOME, capture_output=True, text=True, timeout=timeout_s, check=False
    )
