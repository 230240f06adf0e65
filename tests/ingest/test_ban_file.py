"""A ban outlives the process that met it; a bad file never stops a start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.ban_file import BanFile, remembered_budget

HOUR = 3_600_000
NOW = 1_700_000_000_000
URL = "https://fapi.example.org"
HOST = "fapi.example.org"


def test_the_next_start_knows_the_deadline_and_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bans.json"
    remembered_budget(path, URL, NOW).silenced(2 * HOUR, NOW, "banned")
    again = remembered_budget(path, URL, NOW + HOUR)
    assert again.take(1, NOW + HOUR, light=True) == HOUR
    assert again.reason == "banned"
    assert remembered_budget(path, "https://other.example.org", NOW).take(1, NOW) == 0
    assert remembered_budget(path, URL, NOW + 2 * HOUR).take(1, NOW + 2 * HOUR) == 0
    assert [one.name for one in path.parent.iterdir()] == ["bans.json"]


def test_the_ban_of_one_host_leaves_that_of_another(tmp_path: Path) -> None:
    bans = BanFile(tmp_path / "bans.json")
    bans.keep("a", NOW + HOUR, "")
    bans.keep("b", NOW + 2 * HOUR, "")
    assert [ban.silent_until_ms for ban in (bans.ban("a", NOW), bans.ban("b", NOW)) if ban] == [
        NOW + HOUR,
        NOW + 2 * HOUR,
    ]


def test_a_deadline_beyond_any_real_ban_is_distrusted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bans = BanFile(tmp_path / "bans.json")
    bans.keep(HOST, NOW + 71 * HOUR, "")
    assert bans.ban(HOST, NOW) is not None
    bans.keep(HOST, NOW + 80 * HOUR, "")
    assert bans.ban(HOST, NOW) is None
    assert "longer than any real one" in caplog.text


@given(st.one_of(st.binary(max_size=200), st.text().map(lambda text: json.dumps({HOST: text}).encode())))
def test_an_unreadable_file_is_set_aside_and_the_start_goes_on(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("bans") / "bans.json"
    path.write_bytes(content)
    budget = remembered_budget(path, URL, NOW)
    assert budget.take(1, NOW) == 0
    if content != b"{}" and not path.exists():
        assert path.with_name("bans.json.unreadable").read_bytes() == content
    budget.silenced(HOUR, NOW)
    assert remembered_budget(path, URL, NOW).silence_ms(NOW) == HOUR


def test_a_folder_that_cannot_be_written_is_said_and_survived(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    budget = remembered_budget(tmp_path / "data" / "bans.json", URL, NOW)
    budget.silenced(HOUR, NOW)
    assert budget.silence_ms(NOW) == HOUR
    assert "cannot be written" in caplog.text
