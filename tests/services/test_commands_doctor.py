"""The doctor tells each trouble by its name and its cure, disturbs nothing, and keeps a ban."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from analytics.market import Gap
from ingest.ban_file import BanFile
from ingest.simulator import LocalExchange
from services.clock import SystemClock
from services.commands.command_line import run
from services.commands.database_check import databases
from services.commands.doctor import findings
from services.commands.exchange_checks import ExchangeChecks
from services.commands.findings import Finding
from services.commands.machine_checks import PACKAGES
from services.data_folder import bans_file
from services.desk_opening import open_desk
from settings import Settings
from storage.backup import backup, restore
from storage.sql import SqlStore
from tests.fakes import FakeClock
from tests.ports import free_port
from tests.storage.trades import trades

HOME = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def exchange() -> Iterator[LocalExchange]:
    with LocalExchange(seed=5) as running:
        yield running


def settings_for(exchange: LocalExchange, folder: Path, **changes: object) -> Settings:
    given: dict[str, object] = {
        "market_ws_url": exchange.market_ws_url,
        "public_ws_url": exchange.public_ws_url,
        "rest_url": exchange.rest_url,
        "data_dir": folder,
        "port": free_port(),
    }
    return Settings(**(given | changes))  # type: ignore[arg-type]


def by_name(found: list[Finding]) -> dict[str, Finding]:
    assert all(one.cure for one in found if one.mark == "FAIL")
    return {one.name: one for one in found}


def test_every_dependency_is_looked_for() -> None:
    block = (HOME / "pyproject.toml").read_text().split("dependencies = [", 1)[1].split("]\n", 1)[0]
    named = set(re.findall(r'"([a-z0-9-]+)', block))
    assert named <= set(PACKAGES)


def test_where_all_is_well_nothing_warns(exchange: LocalExchange, tmp_path: Path) -> None:
    found = by_name(list(findings(settings_for(exchange, tmp_path))))
    assert {name for name, one in found.items() if one.mark != "ok"} == set()
    assert {
        "python",
        "packages",
        "folder",
        "disk",
        "sqlite",
        "rest",
        "clock",
        "market",
        "public",
        "proxy",
        "ban",
    } <= set(found)
    assert list(tmp_path.iterdir()) == []
    described = (HOME / "docs/commands.md").read_text()
    assert [name for name in found if f"`{name}`" not in described] == []


def test_a_route_that_is_connected_but_delivers_nothing_fails(exchange: LocalExchange, tmp_path: Path) -> None:
    crossed = settings_for(exchange, tmp_path, market_ws_url=exchange.public_ws_url)
    found = by_name(ExchangeChecks(crossed, SystemClock(), within_s=2.0).findings())
    assert (found["market"].mark, found["public"].mark) == ("FAIL", "ok")
    assert "connected but mute" in found["market"].found
    assert "--market-ws-url" in found["market"].cure


def test_without_an_exchange_every_way_says_so(tmp_path: Path) -> None:
    closed = f"127.0.0.1:{free_port()}"
    nowhere = Settings(
        market_ws_url="ws://exchange.invalid/market",
        public_ws_url=f"ws://{closed}/public",
        rest_url=f"http://{closed}",
        data_dir=tmp_path,
    )
    found = by_name(ExchangeChecks(nowhere, SystemClock(), within_s=5.0).findings())
    assert "refuses the connection" in found["rest"].found
    assert "refuses the connection" in found["public"].found
    assert "cannot be looked up" in found["market"].found
    assert "--source demo" in found["rest"].cure


def test_one_who_takes_the_call_and_is_silent_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = f"127.0.0.1:{silent.getsockname()[1]}"
        settings = Settings(
            market_ws_url=f"ws://{where}/market",
            public_ws_url=f"ws://{where}/public",
            rest_url=f"http://{where}",
            data_dir=tmp_path,
        )
        found = by_name(ExchangeChecks(settings, SystemClock(), within_s=1.0).findings())
    assert {found[name].mark for name in ("rest", "market", "public")} == {"FAIL"}
    assert "in time" in found["rest"].found


def test_during_a_ban_rest_is_not_even_called(exchange: LocalExchange, tmp_path: Path) -> None:
    clock = SystemClock()
    with socket.create_server(("127.0.0.1", 0)) as banning:
        BanFile(bans_file(Settings(data_dir=tmp_path))).keep("127.0.0.1", clock.now_ms() + 600_000, "HTTP 418")
        settings = settings_for(exchange, tmp_path, rest_url=f"http://127.0.0.1:{banning.getsockname()[1]}")
        found = by_name(ExchangeChecks(settings, clock, within_s=5.0).findings())
        banning.setblocking(False)
        with pytest.raises(BlockingIOError):
            banning.accept()
    assert (found["rest"].mark, found["ban"].mark) == ("warn", "warn")
    assert "HTTP 418" in found["ban"].found
    assert re.search(r"silence for \d+ s more", found["ban"].found)
    assert {found["market"].mark, found["public"].mark} == {"ok"}


def test_each_database_is_looked_into(tmp_path: Path) -> None:
    with closing(SqlStore(tmp_path / "good.db", venue="x", now_ms=lambda: 1)) as store:
        store.open_gap(Gap("BTCUSDT", 5, 9, "OPEN", "cut for a test", 1))
        store.append("BTCUSDT", trades([1, 2, 3, 4, 10]))
        store.flush()
        running, _kept = databases(Settings(data_dir=tmp_path))
        assert (running.mark, f"in use by pid {os.getpid()}" in running.found) == ("ok", True)
    (tmp_path / "bad.db").write_bytes(b"no database at all" * 100)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other, other:
        other.execute("CREATE TABLE notes (text)")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    bad, good, other_one, _kept = databases(Settings(data_dir=tmp_path))
    assert (bad.mark, good.mark, other_one.mark) == ("FAIL", "ok", "FAIL")
    assert "5 trades of 1 symbols, 1 holes open, 0 lost, sound" in good.found
    assert "restore" in bad.cure
    assert other_one.cure
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_the_user_keeps_is_looked_into(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert [one.found.split(":")[0] for one in databases(settings) if one.name == "kept"] == ["nothing yet"]
    with closing(open_desk(settings, SystemClock())) as desk:
        desk.keeping.put_workspace("Morning", "/", "Majors")
        (kept,) = (one for one in databases(settings) if one.name == "kept")
        assert (kept.mark, kept.found) == ("ok", "kept.db: 1 watchlists with 7 pairs, 1 workspaces, 0 alerts, sound")
    (tmp_path / "kept.db").write_bytes(b"no database at all" * 100)
    (kept,) = (one for one in databases(settings) if one.name == "kept")
    assert kept.mark == "FAIL"
    assert "restore --kept FILE" in kept.cure


def test_a_damaged_database_that_a_restore_has_set_aside_fails_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    SqlStore(path, venue="x", now_ms=lambda: 1).close()
    backup(path, tmp_path / "copy")
    path.write_bytes(b"no database at all" * 100)
    assert [found.mark for found in databases(Settings(data_dir=tmp_path))] == ["FAIL", "ok"]
    aside = restore(tmp_path / "copy", path, venue="x", now_ms=1)
    assert aside is not None
    good, _kept, copies = databases(Settings(data_dir=tmp_path))
    assert (good.mark, good.found.split(":")[0]) == ("ok", "live.db")
    assert copies.mark == "ok"
    assert aside.name in copies.found


def test_a_wrong_clock_is_a_warning(exchange: LocalExchange, tmp_path: Path) -> None:
    clock = FakeClock()
    found = by_name(ExchangeChecks(settings_for(exchange, tmp_path), clock, within_s=5.0).findings())
    assert found["clock"].mark == "warn"
    assert "behind the exchange's" in found["clock"].found
    assert "NTP" in found["clock"].cure


def test_a_proxy_is_named_without_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("HTTPS_PROXY", f"http://trader:secret@{proxy}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    settings = Settings(data_dir=tmp_path, rest_url="https://exchange.invalid")
    found = by_name(ExchangeChecks(settings, SystemClock(), within_s=5.0).findings())
    assert found["proxy"].found.count(f"{proxy} (with a login)") == 2
    assert "proxy" in found["market"].found
    assert not [one for one in found.values() if "secret" in one.found + one.cure]


def test_a_taken_port_a_missing_folder_and_a_full_disk_fail(exchange: LocalExchange, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0)
        port = other.getsockname()[1]
        settings = settings_for(exchange, Path("/proc/nowhere"), port=port, spare_mib=1 << 40, source="demo")
        found = by_name(list(findings(settings)))
    assert {name for name, one in found.items() if one.mark == "FAIL"} == {"folder", "disk", "port"}
    assert f"--port {port + 1}" in found["port"].cure
    assert found["exchange"].found.startswith("not asked")


def test_the_command_prints_lines_or_json_and_its_code_tells_the_outcome(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--data-dir", str(tmp_path), "--port", str(free_port()), "--source", "demo"]
    assert run(["doctor", *here]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(re.match(r"(ok  |warn|FAIL)  \w+ |\s+-> ", line) for line in lines)
    assert run(["doctor", "--json", *here, "--spare-mib", str(1 << 40)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["healthy"] is False
    (disk,) = [check for check in told["checks"] if check["name"] == "disk"]
    assert disk["mark"] == "FAIL"
    assert disk["cure"]
    assert run(["doctor", "--nonsense"]) == 2
    assert "--help" in capsys.readouterr().err
    assert sqlite3.sqlite_version in json.dumps(told)
