"""The secrets of channels stay in the database: no error, repr or log tells them, and nobody else may read the file."""

from __future__ import annotations

import json
import logging
import pickle
import sqlite3
import stat
import traceback
from contextlib import closing
from pathlib import Path

import pytest

from analytics.errors import StoreError
from services.alert_book import AlertBook
from storage.alert_store import SqlAlertStore
from storage.kept_backup import backup_kept, restore_kept
from storage.kept_database import KeptDatabase
from storage.kept_opening import open_kept, read_everything
from tests.contracts.alert_nouns import NOW, OPS, PHONE, SIGNING, URL, message
from tests.fakes import FakeClock

SECRETS = (URL, SIGNING, "verysecret", SIGNING[6:])


def book_of(database: KeptDatabase) -> AlertBook:
    return AlertBook(SqlAlertStore(database), FakeClock(NOW))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with closing(book_of(open_kept(tmp_path / "kept.db"))) as book:
        book.put_channel(OPS)
        book.put_channel(PHONE)
    return tmp_path / "kept.db"


def told_by(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error)


def assert_silent(text: str) -> None:
    assert not [secret for secret in SECRETS if secret in text]


def test_a_channel_shows_dots_wherever_it_is_printed(path: Path) -> None:
    with closing(book_of(open_kept(path))) as book:
        shown = [repr(book.channels()), str(book.channels()), f"{book.channel('ops')}", f"{OPS.url}"]
        for text in shown:
            assert_silent(text)
        assert "•••" in shown[0]
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(book.channel("ops"))


def test_a_disk_that_refuses_a_channel_does_not_tell_it(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    database = KeptDatabase(path, read_everything, busy_timeout_ms=20)
    with closing(book_of(database)) as book:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("CREATE TRIGGER full BEFORE INSERT ON alert_channels BEGIN SELECT RAISE(ABORT, 'full'); END")
        with pytest.raises(StoreError, match="full") as refused:
            book.put_channel(OPS)
        assert book.channels() == (OPS, PHONE)
    assert_silent(told_by(refused.value))
    assert_silent(caplog.text)


@pytest.mark.parametrize(
    "damage",
    [
        f"UPDATE alert_channels SET signing = '{SIGNING}'",
        f"UPDATE alert_channels SET quiet = '{json.dumps([SIGNING])}'",
    ],
)
def test_a_damaged_channel_is_refused_by_its_name_alone(path: Path, damage: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(damage)
    with pytest.raises(StoreError, match="the channel “ops” cannot be read") as refused:
        open_kept(path)
    assert_silent(told_by(refused.value))


def test_no_secret_is_kept_where_others_can_read_it(path: Path) -> None:
    path.chmod(0o644)
    with closing(book_of(open_kept(path))) as book:
        book.put_channel(OPS)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_copies_of_a_backup_and_a_restore_are_private_too(path: Path) -> None:
    copy = path.with_name("copy")
    backup_kept(path, copy)
    aside = restore_kept(copy, path, now_ms=NOW)
    assert aside is not None
    assert {stat.S_IMODE(one.stat().st_mode) for one in (path, copy, aside)} == {0o600}
    with closing(book_of(open_kept(path))) as book:
        assert book.channels() == (OPS, PHONE)


def test_a_message_and_its_receipt_hold_no_secret_of_the_channel(path: Path) -> None:
    with closing(book_of(open_kept(path))) as book:
        book.post([message("e")])
        book.failed([1], "answered 500", None)
        assert_silent(repr(book.messages()))
