"""A rule's move is recorded whole or not at all, wherever the process is killed; what was acknowledged is there."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

from analytics.alert_book import EventPage
from services.alert_book import AlertBook
from storage.alert_store import SqlAlertStore
from storage.kept_opening import open_kept
from tests.contracts.alert_nouns import NOW, OPS, RULE, event, firing, message
from tests.fakes import FakeClock
from tests.storage.killed import killed_everywhere
from tests.storage.rows_on_disk import column

IMPORTS = "import tests.storage.test_alert_kills"
BEGIN = """
from tests.storage.test_alert_kills import NOW, book_at, record
book = book_at(folder / "kept.db")
"""
RECORDING = """
for number in (2, 3):
    record(book, number)
    (folder / "acknowledged").write_text(str(number))
book.close()
"""
SENDING = """
for row in book.due(NOW, 10, "ops"):
    with (folder / "arrived").open("a") as receiver:
        receiver.write(row.event_id + "\\n")
    book.sent([row.id], "202")
book.close()
"""
REMOVING = """
removal = book.remove(1)
(folder / "acknowledged").write_text("removed")
book.bring_back(removal)
(folder / "acknowledged").write_text("back")
book.close()
"""
CHILD = """
import sys
from pathlib import Path
from tests.storage.test_alert_kills import book_at, record
book = book_at(Path(sys.argv[1]))
for number in range(2, 10**6):
    record(book, number)
    print(number, flush=True)
"""


def book_at(path: Path) -> AlertBook:
    return AlertBook(SqlAlertStore(open_kept(path)), FakeClock(NOW))


def record(book: AlertBook, number: int) -> None:
    """An event of the rule 1 for two channels, and how the rule stands from then on."""
    rule = book.rule(1)
    told = event(rule, number)
    book.record(rule, firing(number), [told], [message(told.id), message(told.id, "phone")])


def begun(folder: Path, events: int = 1) -> Path:
    folder.mkdir()
    with closing(book_at(folder / "kept.db")) as book:
        book.put_channel(OPS)
        book.add(RULE)
        for number in range(1, events + 1):
            record(book, number)
    return folder / "kept.db"


def killed(program: str, tmp_path: Path) -> list[Path]:
    """The folders as kills at each point left them; the book was open by then."""
    template, folder = tmp_path / "template", tmp_path / "killed"
    return killed_everywhere(program, template, folder, imports=IMPORTS, begin=BEGIN)


def whole(path: Path) -> int:
    """The newest number, once standing, events and messages say the same of each."""
    with closing(book_at(path)) as book:
        newest = book.standings()[1].event
        assert [one.event.event for one in book.events(limit=10_000)] == list(range(newest, 0, -1))
        waiting = [(one.event_id, one.channel) for one in book.due(NOW, 10_000)]
    assert waiting == [(f"1-{n}-fired", channel) for n in range(1, newest + 1) for channel in ("ops", "phone")]
    assert column(path, "PRAGMA integrity_check") == ["ok"]
    return newest


def test_a_kill_at_any_point_of_recording_leaves_all_of_it_or_nothing(tmp_path: Path) -> None:
    begun(tmp_path / "template")
    seen = []
    for folder in killed(RECORDING, tmp_path):
        acknowledged = folder / "acknowledged"
        least = int((acknowledged.read_text() if acknowledged.exists() else "") or 1)
        seen.append(whole(folder / "kept.db"))
        assert seen[-1] >= least
    assert seen == sorted(seen)
    assert set(seen) == {1, 2, 3}


def test_a_process_killed_while_it_records_leaves_whole_moves(tmp_path: Path) -> None:
    path = begun(tmp_path / "begun")
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = [child.stdout.readline() for _ in range(15)]
    child.kill()
    child.stdout.close()
    child.wait(timeout=30)
    assert whole(path) >= int(told[-1])


def test_a_kill_between_sending_and_marking_sends_again_and_misses_nothing(tmp_path: Path) -> None:
    begun(tmp_path / "template", events=3)
    again = 0
    for folder in killed(SENDING, tmp_path):
        receiver = folder / "arrived"
        arrived = receiver.read_text().split() if receiver.exists() else []
        with closing(book_at(folder / "kept.db")) as book:
            left = [one.event_id for one in book.due(NOW, 10, "ops")]
            assert all(one.state == "WAITING" for one in book.due(NOW, 10, "phone"))
        assert sorted({*arrived, *left}) == ["1-1-fired", "1-2-fired", "1-3-fired"]
        again += len({*arrived} & {*left})
    assert again > 0


def test_a_kill_at_any_point_of_a_removal_leaves_the_rule_or_what_brings_it_back(tmp_path: Path) -> None:
    begun(tmp_path / "template")
    for folder in killed(REMOVING, tmp_path):
        acknowledged = folder / "acknowledged"
        told = acknowledged.read_text() if acknowledged.exists() else ""
        with closing(book_at(folder / "kept.db")) as book:
            there = [one.id for one in book.rules()]
            held = [one.rule.id for one in book.removed()]
            assert (there, held) in (([1], []), ([], [1]))
            assert told != "back" or there == [1]
            assert there or 1 not in book.standings()
            for one in book.removed():
                book.bring_back(one.removal)
            assert book.standings()[1].event == 1
            assert len(book.events()) == 1
            assert book.count_events() == len(book._store.events(EventPage()))
