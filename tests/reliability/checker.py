"""Decides from the exchange's own log and the database alone whether every trade is stored exactly once.

    python -m tests.reliability.checker --truth FILE --database FILE [--symbols A,B] [--seed N]

It shares no code with the product and reads the database read-only. One line comes out, and the exit code: 0 when
nothing is wrong, 1 when something is, 2 when the log or the database cannot be read at all.

What is owed: every id from the first one stored (or, with --since-ms, from that moment on) to the last one published
(with --until-ms: published up to that moment), except the ids that the ledger lists as LOST, with a cause. Stored
trades that are older than the log cannot be verified; they are counted, and must not have holes either.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from tests.reliability.expected_bars import Bar, add_trade, difference
from tests.reliability.listed_holes import Ledger, width
from tests.reliability.truth_log import BadTruth, History, Row, read_truth

_TOLD = 3
_TICKS = "SELECT trade_id, time_ms, price, quantity, buyer_is_maker FROM ticks WHERE symbol_id = ? ORDER BY trade_id"
_BARS = (
    "SELECT start_ms, open, high, low, close, volume, trades, taker_buy_volume, first_id, last_id "
    "FROM bars_1s WHERE symbol_id = ? ORDER BY start_ms"
)


@dataclass(frozen=True)
class Question:
    """What to check. since_ms, until_ms: exchange time between which every trade is owed."""

    truth: tuple[Path, ...]
    database: Path
    symbols: tuple[str, ...] | None = None
    seed: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    allow_open: bool = False


@dataclass
class Verdict:
    """What was looked at, and what is wrong with it. lost, open: listed ids.  wrong: findings by kind."""

    seed: int | None = None
    symbols: int = 0
    trades: int = 0
    unverified: int = 0
    bars: int = 0
    lost: int = 0
    open: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    sentences: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.wrong

    def find(self, kind: str, sentence: str, count: int = 1) -> None:
        self.wrong[kind] += count
        self.sentences.append(f"{kind}: {sentence}")

    def line(self) -> str:
        """The run in one line."""
        counts = f"symbols={self.symbols} trades={self.trades} unverified={self.unverified} bars={self.bars}"
        head = f"{'PASS' if self.passed else 'FAIL'} seed={self.seed} {counts} lost={self.lost} open={self.open}"
        if self.passed:
            return head
        kinds = " ".join(f"{kind}={count}" for kind, count in sorted(self.wrong.items()))
        more = f" (+{len(self.sentences) - _TOLD} more)" if len(self.sentences) > _TOLD else ""
        return f"{head} {kinds} | {'; '.join(self.sentences[:_TOLD])}{more}"


def check(question: Question) -> Verdict:
    """Raises BadTruth, sqlite3.Error and OSError when there is nothing to judge."""
    if not question.database.exists():
        raise FileNotFoundError(question.database)
    verdict = Verdict(seed=question.seed)
    address = f"file:{quote(str(question.database.absolute()))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        answer = [str(row[0]) for row in database.execute("PRAGMA integrity_check")]
        if answer != ["ok"]:
            verdict.find("damaged", answer[0])
        ids = _symbol_ids(database, verdict)
        wanted = question.symbols if question.symbols is not None else tuple(sorted(ids))
        truth = read_truth(question.truth, frozenset(wanted))
        for symbol in wanted:
            _OneSymbol(symbol, ids.get(symbol), question, verdict).judge(database, truth.get(symbol, [History()]))
    return verdict


def _symbol_ids(database: sqlite3.Connection, verdict: Verdict) -> dict[str, int]:
    """Each symbol's id in the database. Two ids for one name would store its trades twice."""
    ids: dict[str, int] = {}
    for symbol_id, name, stored in database.execute("SELECT symbol_id, name, ticks_stored FROM symbols").fetchall():
        symbol = str(name).upper()
        if symbol in ids:
            verdict.find("duplicated", f"{symbol} has two symbol ids, {ids[symbol]} and {symbol_id}")
        ids.setdefault(symbol, symbol_id)
        held = database.execute("SELECT count(*) FROM ticks WHERE symbol_id = ?", (symbol_id,)).fetchone()[0]
        if held != stored:
            verdict.find("count", f"{symbol} says {stored} trades and holds {held}")
    for table in ("ticks", "bars_1s", "gaps"):
        strangers = f"SELECT DISTINCT symbol_id FROM {table} WHERE symbol_id NOT IN (SELECT symbol_id FROM symbols)"
        for (stranger,) in database.execute(strangers):
            verdict.find("duplicated", f"{table} holds rows of the unknown symbol id {stranger}")
    return ids


class _OneSymbol:
    """One symbol's rows against its truth."""

    def __init__(self, symbol: str, symbol_id: int | None, question: Question, verdict: Verdict) -> None:
        self._symbol = symbol
        self._symbol_id = symbol_id
        self._question = question
        self._verdict = verdict
        self._ledger = Ledger(())

    def judge(self, database: sqlite3.Connection, histories: Sequence[History]) -> None:
        self._ledger = Ledger.read(database, self._symbol_id)
        rows: list[Row] = database.execute(_TICKS, (self._symbol_id,)).fetchall()
        stored = [row[0] for row in rows]
        truth = _history_of(rows[0] if rows else None, histories)
        bars: dict[int, Bar] = {}
        for row in rows:
            add_trade(bars, self._verified(row, truth))
        self._judge_ids(stored)
        self._judge_edges(stored, truth)
        self._judge_ledger(stored)
        self._judge_bars(database, bars, rows, truth)
        self._verdict.symbols += 1
        self._verdict.trades += len(rows)

    def _find(self, kind: str, sentence: str, count: int = 1) -> None:
        self._verdict.find(kind, f"{self._symbol} {sentence}", count)

    def _verified(self, row: Row, truth: History) -> Row:
        """The row as it should be; as it is, where the log does not reach."""
        at = truth.find(row[0])
        if at is None:
            if len(truth) and row[0] > truth.trade_id[-1]:
                self._find("invented", f"id {row[0]} was never published")
            self._verdict.unverified += 1
            return row
        wanted = truth.row(at)
        if wanted != (*row[:4], bool(row[4])) or row[4] not in {0, 1}:
            self._find("altered", f"id {row[0]} is {row[1:]}, not {wanted[1:]}")
        return wanted

    def _judge_ids(self, stored: Sequence[int]) -> None:
        for before, after in pairwise(stored):
            if after <= before:
                self._find("duplicated", f"id {after} is stored twice")
            elif after > before + 1:
                self._judge_absent(before + 1, after - 1)

    def _judge_absent(self, first: int, last: int) -> None:
        for one_first, one_last in self._ledger.unlisted(first, last):
            self._find("missing", f"ids {one_first}-{one_last} are not stored, nor listed", one_last - one_first + 1)

    def _judge_edges(self, stored: Sequence[int], truth: History) -> None:
        """Trades owed before the first stored one, and behind the last one."""
        since_ms, until_ms = self._question.since_ms, self._question.until_ms
        owed_from = len(truth) if since_ms is None else bisect_left(truth.time_ms, since_ms)
        owed_to = len(truth) if until_ms is None else bisect_right(truth.time_ms, until_ms)
        if not stored:
            if owed_from < owed_to or (since_ms is None and len(truth)):
                self._find("missing", "has no trade stored", max(owed_to - owed_from, 1))
            return
        if owed_from < owed_to and truth.trade_id[owed_from] < stored[0]:
            self._judge_absent(truth.trade_id[owed_from], stored[0] - 1)
        if owed_to and truth.trade_id[owed_to - 1] > stored[-1]:
            self._judge_absent(stored[-1] + 1, truth.trade_id[owed_to - 1])

    def _judge_ledger(self, stored: Sequence[int]) -> None:
        ledger = self._ledger
        for sentence in ledger.faults:
            self._find("ledger", sentence)
        for first, last in ledger.stored_though_listed(stored):
            self._find("ledger", f"ids {first}-{last} are listed as not stored, and at least one is stored")
        for first, last in ledger.listed_though_absent(stored):
            self._find("ledger", f"ids {first}-{last} are listed as FILLED, and at least one is not stored")
        self._verdict.lost += width(ledger.lost)
        self._verdict.open += width(ledger.open)
        if ledger.open and not self._question.allow_open:
            self._find("unfinished", f"ids {ledger.open[0][0]}-{ledger.open[0][1]} are still OPEN", width(ledger.open))

    def _judge_bars(
        self, database: sqlite3.Connection, expected: dict[int, Bar], rows: Sequence[Row], truth: History
    ) -> None:
        first_ms = rows[0][1] - rows[0][1] % 1000 if rows else 0
        whole_first = _second_of(truth, first_ms)
        for row in database.execute(_BARS, (self._symbol_id,)).fetchall():
            start_ms = row[0]
            wanted = expected.pop(start_ms, None)
            if wanted is None and (not rows or start_ms < first_ms):
                # Retention may keep bars longer than trades.
                wanted = _second_of(truth, start_ms)
                if wanted is None:
                    continue
            self._verdict.bars += 1
            if wanted is None:
                self._find("bars", f"second {start_ms} has a bar and no trade")
                continue
            wrong = difference(row, wanted)
            if wrong and start_ms == first_ms and whole_first is not None:
                wrong = difference(row, whole_first)
            if wrong:
                self._find("bars", f"second {start_ms}: {wrong}")
        for start_ms in expected:
            self._find("bars", f"second {start_ms} has trades and no bar")


def _second_of(truth: History, start_ms: int) -> Bar | None:
    """The bar of all published trades of a second; None where the log does not tell."""
    bars: dict[int, Bar] = {}
    for at in range(bisect_left(truth.time_ms, start_ms), bisect_left(truth.time_ms, start_ms + 1000)):
        add_trade(bars, truth.row(at))
    return bars.get(start_ms)


def _history_of(first: Row | None, histories: Sequence[History]) -> History:
    """Which of a symbol's histories the database follows: the one that its first trade belongs to."""
    for history in histories:
        at = history.find(first[0]) if first is not None else None
        if at is not None and first is not None and history.time_ms[at] == first[1]:
            return history
    return histories[0]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.checker", description=__doc__.split("\n\n")[0])
    parser.add_argument("--truth", type=Path, action="append", required=True, metavar="FILE", help="may be repeated")
    parser.add_argument("--database", type=Path, required=True, metavar="FILE")
    parser.add_argument("--symbols", help="comma-separated; default: those in the database")
    parser.add_argument("--seed", type=int, help="only printed, so that the run can be repeated")
    parser.add_argument("--since-ms", type=int, help="trades from this exchange time on are owed")
    parser.add_argument("--until-ms", type=int, help="trades after this exchange time are not owed")
    parser.add_argument("--allow-open", action="store_true", help="holes that are still being filled are no failure")
    options = parser.parse_args(arguments)
    question = Question(
        truth=tuple(options.truth),
        database=options.database,
        symbols=tuple(options.symbols.upper().split(",")) if options.symbols else None,
        seed=options.seed,
        since_ms=options.since_ms,
        until_ms=options.until_ms,
        allow_open=options.allow_open,
    )
    try:
        verdict = check(question)
    except (BadTruth, sqlite3.Error, OSError) as error:
        sys.stdout.write(f"CANNOT JUDGE seed={options.seed} {error}\n")
        return 2
    sys.stdout.write(verdict.line() + "\n")
    return 0 if verdict.passed else 1


if __name__ == "__main__":
    sys.exit(main())
