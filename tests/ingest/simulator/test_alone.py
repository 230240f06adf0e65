"""`python -m ingest.simulator` runs the exchange by itself and tells how to use it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import pytest

from tests.ingest.simulator.conftest import RestClient


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_alone_until_it_is_told_to_end(ending: signal.Signals) -> None:
    command = [sys.executable, "-m", "ingest.simulator", "--port", "0", "--seed", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as alone:
        assert alone.stdout is not None
        told: dict[str, str] = {}
        while "Ctrl-C" not in (line := alone.stdout.readline()):
            assert line, "it ended before it listened"
            name, found, value = line.strip().removeprefix("export ").partition("=")
            if found:
                told[name] = value
        rest = RestClient(told["PAIRWATCH_REST_URL"])
        assert rest.rows("/fapi/v1/ping") == {}
        rest.connection.close()
        assert told["PAIRWATCH_MARKET_WS_URL"].endswith("/market")
        assert told["PAIRWATCH_PUBLIC_WS_URL"].endswith("/public")
        alone.send_signal(ending)
        assert alone.wait(10) == 0


def test_a_taken_port_ends_it_with_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "ingest.simulator", "--port", port],
            check=False,
            capture_output=True,
            text=True,
            timeout=20,
        )
    assert ended.returncode == 2
    assert f"cannot listen on port {port}" in ended.stderr
