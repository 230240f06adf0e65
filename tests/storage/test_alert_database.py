"""Alerts in the file of what is kept: older files, damage, other processes, a backup that is put back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from analytics import kept_changes as changes
from analytics.errors import StoreError
from analytics.kept import Kept, Watchlist
from services.alert_book import AlertBook
from storage.alert_store import SqlAlertStore
from storage.alert_tables import EVERY
from storage.engines import writing_engine
from storage.kept_backup import backup_kept, inspect_kept, restore_kept
from storage.kept_database import KeptDatabase, connect_keeping
from storage.kept_opening import open_kept, read_everything
from storage.kept_store import SqlKeptStore
from storage.kept_tables import metadata
from storage.lineage import KEPT
from tests.contracts.alert_nouns import EVERY_FIELD, NOW, RULE, event, firing, message
from tests.fakes import FakeClock
from tests.storage.rows_on_disk import column


def book_at(path: Path) -> AlertBook:
    return AlertBook(SqlAlertStore(open_kept(path)), FakeClock(NOW))


def made_by_kept0001(path: Path) -> None:
    engine = writing_engine(path, 50, connect_keeping)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(KEPT.migrations))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "kept0001")
        connection.exec_driver_sql("INSERT INTO counts VALUES ('removals', 0)")
        connection.exec_driver_sql("INSERT INTO watchlists VALUES ('first', 0)")
    engine.dispose()


def test_a_file_of_before_the_alerts_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    made_by_kept0001(path)
    report = inspect_kept(path)
    assert (report.refusal, report.watchlists, report.alerts) == (None, 1, 0)
    with closing(book_at(path)) as book:
        assert book.add(EVERY_FIELD).id == 1
    with closing(SqlKeptStore.opened(path)) as store:
        kept = store.read()
    assert kept is not None
    assert [one.name for one in kept.watchlists] == ["first"]
    assert inspect_kept(path).alerts == 1
    assert inspect_kept(tmp_path / "kept.before-kept0002.db").watchlists == 1


def test_the_migrations_lead_to_the_keys_and_indexes_in_use(tmp_path: Path) -> None:
    open_kept(tmp_path / "kept.db").close()
    made = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    metadata.create_all(made, tables=EVERY)
    made.dispose()
    question = (
        "SELECT m.tbl_name || '.' || ifnull(m.sql, '') || i.seqno || i.name FROM sqlite_master m, "
        "pragma_index_info(m.name) i WHERE m.type = 'index' AND m.tbl_name GLOB 'alert_*' ORDER BY 1"
    )
    found = column(tmp_path / "kept.db", question)
    assert found == column(tmp_path / "direct.db", question)
    assert len(found) > 10
    counted = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY 1"
    assert column(tmp_path / "kept.db", counted) == column(tmp_path / "direct.db", counted)


def test_a_backup_of_before_the_alerts_can_be_put_back(tmp_path: Path) -> None:
    made_by_kept0001(tmp_path / "old")
    path = tmp_path / "kept.db"
    with closing(book_at(path)) as book:
        book.add(RULE)
        before = book.version
        restore_kept(tmp_path / "old", path, now_ms=NOW)
        assert book.rules() == ()
        assert book.version > before


def test_the_lists_and_the_alerts_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    database = open_kept(tmp_path / "kept.db")
    book, store = AlertBook(SqlAlertStore(database), FakeClock(NOW)), SqlKeptStore(database)
    rule = book.add(RULE)
    store.change(lambda kept: changes.with_watchlist(kept or Kept(), Watchlist("mine")))
    before = book.rules_version
    book.record(rule, firing(1), [event(rule, 1)])
    store.change(lambda kept: changes.with_watchlist(kept or Kept(), Watchlist("mine too")))
    assert not store.changed_elsewhere()
    assert book.rules_version == before
    with closing(book_at(tmp_path / "kept.db")) as theirs:
        theirs.add(EVERY_FIELD)
    assert [one.name for one in book.rules()] == [RULE.name, EVERY_FIELD.name]
    assert book.rules_version > before
    assert store.changed_elsewhere()
    assert book.standings() == {1: firing(1)}
    book.close()
    store.close()


def test_while_another_program_holds_the_file_the_rules_read_last_hold(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    database = KeptDatabase(path, read_everything, busy_timeout_ms=20)
    with closing(AlertBook(SqlAlertStore(database), FakeClock(NOW))) as book:
        rule = book.add(RULE)
        assert book.rules() == (rule,)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert book.rules() == (rule,)
            assert "cannot be read now" in str(book.trouble)
            with pytest.raises(StoreError, match="cannot be used now"):
                book.record(rule, firing(1))
            other.execute("ROLLBACK")
        assert book.trouble is None
        assert book.standings() == {}
        assert book.record(rule, firing(1))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE alert_rules SET rule = '{'", "a row of the alerts cannot be read"),
        ("UPDATE alert_rules SET rule = json_set(rule, '$.hold_ms', -1)", "hold_ms"),
        ("UPDATE alert_standings SET standing = json_set(standing, '$.word', 'Odd')", "“Odd” is none of"),
        ("DROP TABLE alert_channels", "no such table"),
    ],
)
def test_a_damaged_row_is_refused_and_the_file_stays_as_it_was(tmp_path: Path, damage: str, told: str) -> None:
    path = tmp_path / "kept.db"
    with closing(book_at(path)) as book:
        rule = book.add(RULE)
        book.record(rule, firing(1))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(damage)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=f"damaged .*{told}"):
        open_kept(path)
    assert path.read_bytes() == before


def test_a_restored_backup_gives_no_number_again(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    with closing(book_at(path)) as book:
        rule = book.add(RULE)
        book.record(rule, firing(1), [event(rule, 1)], [message("1-1-fired")])
        backup_kept(path, tmp_path / "copy")
        book.record(rule, firing(4), [event(rule, 4)], [message("1-4-fired")])
        book.remove(book.add(RULE).id)
        restore_kept(tmp_path / "copy", path, now_ms=NOW)
        assert [one.event.event for one in book.events()] == [1]
        # An event 1-2 may have been told already: the next one has a number of its own.
        assert (book.standings()[1].event, book.standings()[1].events) == (1, 4)
        assert book.add(RULE).id == 3
        book.record(rule, firing(5), [event(rule, 5)], [message("1-5-fired")])
        assert [one.row for one in book.events()] == [3, 1]
        assert [one.id for one in book.due(NOW, 10)] == [1, 3]
        assert book.remove(3) == 2
