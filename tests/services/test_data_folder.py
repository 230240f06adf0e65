"""A command means the database that the market itself opens."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from analytics.errors import BadInput
from ingest.ban_file import BanFile
from ingest.weight import WeightBudget
from services.clock import SystemClock
from services.data_folder import bans_file, chosen_database, databases_in
from services.opening import open_demo, open_live
from settings import Settings
from storage.sql import SqlStore

CLOCK = SystemClock()


def opened_again(settings: Settings) -> None:
    """The database that was just made is the one that a command opens, with the same venue."""
    database = chosen_database(settings)
    assert databases_in(settings.data_dir) == (database.path,)
    with closing(SqlStore(database.path, venue=database.venue, now_ms=CLOCK.now_ms)):
        pass


@pytest.mark.parametrize("url", ["https://fapi.binance.com", "http://127.0.0.1:9", "http://[::1]:9"])
def test_the_live_one(tmp_path: Path, url: str) -> None:
    settings = Settings(data_dir=tmp_path, rest_url=url)
    open_live(settings, CLOCK, lambda _symbol: None, WeightBudget()).parts.store.close()
    opened_again(settings)


def test_the_demo_one(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, source="demo", seed=7)
    market = open_demo(settings, CLOCK, lambda _symbol: None, "asked for")
    market.parts.stop_extra()
    market.parts.store.close()
    opened_again(settings)


def test_a_recording_has_none(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="begins empty"):
        chosen_database(Settings(data_dir=tmp_path, replay=tmp_path / "x.log"))


def test_the_file_of_bans_is_no_database(tmp_path: Path) -> None:
    BanFile(bans_file(Settings(data_dir=tmp_path))).keep("x", CLOCK.now_ms() + 60_000, "HTTP 418")
    assert databases_in(tmp_path) == ()
