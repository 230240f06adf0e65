"""`python -m ingest.simulator` runs the exchange by itself and tells how to use it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import pytest

from ingest.simulator.__main__ import main
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


def test_it_begins_with_the_conditions_it_is_told() -> None:
    conditions = ["--behind", "24", "--tempo", "60", "--horizon", "2", "--horizon-answer", "error", "--life", "0.2"]
    command = [sys.executable, "-m", "ingest.simulator", "--port", "0", *conditions]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as alone:
        assert alone.stdout is not None
        rest = RestClient(alone.stdout.readline().partition("listens on ")[2].partition(" ")[0])
        wall_ms = time.time_ns() // 1_000_000
        behind_ms = wall_ms - rest.rows("/fapi/v1/time")["serverTime"]
        assert 22 * 3_600_000 < behind_ms <= 24 * 3_600_000
        state = rest.rows("/control/state")
        assert state["speed"] == 60
        oldest = state["newest"]["BTCUSDT"] - 200_000
        assert rest.ask(f"/fapi/v1/aggTrades?symbol=BTCUSDT&fromId={oldest}")[0] == 400
        rest.connection.close()
        alone.send_signal(signal.SIGTERM)
        assert alone.wait(10) == 0


@pytest.mark.parametrize(
    "wrong",
    [["--behind", "-1"], ["--tempo", "0"], ["--horizon", "nan"], ["--life", "-1"], ["--tls", "no.pem", "no.pem"]],
    ids=lambda wrong: wrong[0],
)
def test_a_condition_that_cannot_be_ends_it(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--port", "0", *wrong])
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err
