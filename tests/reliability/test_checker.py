"""The checker believes nobody: each kind of lie that a database could tell is planted once, and must be found."""

from __future__ import annotations

import ast
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from analytics.market import Gap, Ticks
from storage.sql import SqlStore
from tests.reliability.checker import Question, Verdict, check
from tests.reliability.truth_log import BadTruth, read_truth

HOME = Path(__file__).resolve().parents[2]
START_MS = 1_800_000_000_000
LOST = (300, 320)


def published(symbol: str, count: int) -> list[tuple[int, str, str, int, bool]]:
    """Seeded trades 1..count, five a second on average, as decimal texts."""
    draw = Random(symbol)
    when = sorted(START_MS + draw.randrange(count * 200) for _ in range(count))
    return [
        (i + 1, f"{draw.uniform(90, 110):.2f}", f"{draw.uniform(0.001, 3):.3f}", when[i], draw.random() < 0.5)
        for i in range(count)
    ]


def as_ticks(rows: list[tuple[int, str, str, int, bool]]) -> Ticks:
    return Ticks(
        np.array([r[0] for r in rows], np.int64),
        np.array([r[3] for r in rows], np.int64),
        np.array([float(r[1]) for r in rows]),
        np.array([float(r[2]) for r in rows]),
        np.array([r[4] for r in rows], np.bool_),
    )


@pytest.fixture
def honest(tmp_path: Path) -> Question:
    """A log of two symbols and a database that holds everything from id 101 on, but for a hole that it lists."""
    truth, database = tmp_path / "truth.csv", tmp_path / "live.db"
    store = SqlStore(database, venue="test", now_ms=lambda: START_MS)
    with truth.open("w", encoding="ascii") as log:
        log.write("symbol,a,p,q,f,l,T,m\n")
        for symbol in ("BTCUSDT", "ETHUSDT"):
            rows = published(symbol, 1_000)
            for a, p, q, when, maker in rows:
                log.write(f"{symbol},{a},{p},{q},{a},{a},{when},{str(maker).lower()}\n")
            store.append(symbol, as_ticks([r for r in rows if r[0] > 100 and not LOST[0] <= r[0] <= LOST[1]]))
            store.open_gap(Gap(symbol, *LOST, "OPEN", "the connection broke", START_MS))
            store.lose_gap(symbol, *LOST, "the exchange has no trade under this id any more", START_MS)
            store.open_gap(Gap(symbol, 500, 510, "OPEN", "never true, all stored", START_MS))
    store.close()
    return Question((truth,), database, seed=7)


def tell(question: Question, *statements: str) -> Verdict:
    """Plant a lie and judge."""
    with closing(sqlite3.connect(question.database)) as database:
        for statement in statements:
            assert database.execute(statement).rowcount != 0, statement
        database.commit()
    return check(question)


def test_an_honest_database_passes(honest: Question) -> None:
    verdict = check(honest)
    assert verdict.passed, verdict.line()
    assert (verdict.symbols, verdict.trades, verdict.lost, verdict.open) == (2, 2 * (900 - 21), 2 * 21, 0)
    assert verdict.bars > 300


A = "symbol_id = (SELECT symbol_id FROM symbols WHERE name = 'BTCUSDT')"
COPY = "(SELECT max(symbol_id) FROM symbols)"
LIES = {
    "a missing row": ("missing", [f"DELETE FROM ticks WHERE {A} AND trade_id = 400"]),
    "missing rows at the end": ("missing", [f"DELETE FROM ticks WHERE {A} AND trade_id > 990"]),
    "a price that is a hair off": ("altered", [f"UPDATE ticks SET price = price + 1e-12 WHERE {A} AND trade_id = 400"]),
    "another quantity": ("altered", [f"UPDATE ticks SET quantity = quantity * 2 WHERE {A} AND trade_id = 400"]),
    "another millisecond": ("altered", [f"UPDATE ticks SET time_ms = time_ms + 1 WHERE {A} AND trade_id = 400"]),
    "the other side": (
        "altered",
        [f"UPDATE ticks SET buyer_is_maker = 1 - buyer_is_maker WHERE {A} AND trade_id = 9e2"],
    ),
    "a trade that never was": (
        "invented",
        [f"INSERT INTO ticks SELECT symbol_id, 1001, time_ms, price, 1, 0 FROM ticks WHERE {A} AND trade_id = 1000"],
    ),
    "the same trades under a second symbol id": (
        "duplicated",
        [
            "INSERT INTO symbols (venue, name, ticks_stored) VALUES ('other', 'btcusdt', 1)",
            (
                f"INSERT INTO ticks SELECT {COPY}, trade_id, time_ms, price, quantity, buyer_is_maker FROM ticks"
                f" WHERE {A} AND trade_id = 400"
            ),
        ],
    ),
    "trades of an unknown symbol id": (
        "duplicated",
        [f"INSERT INTO ticks SELECT 99, trade_id, time_ms, price, quantity, 0 FROM ticks WHERE {A} AND trade_id = 400"],
    ),
    "a wrong high": ("bars", [f"UPDATE bars_1s SET high = high + 0.01 WHERE {A} AND first_id > 600 AND last_id < 700"]),
    "a wrong open": ("bars", [f"UPDATE bars_1s SET open = open - 0.01 WHERE {A} AND first_id > 600 AND last_id < 700"]),
    "a volume off by 1e-8": ("bars", [f"UPDATE bars_1s SET volume = volume * 1.00000001 WHERE {A} AND first_id > 600"]),
    "a wrong count": ("bars", [f"UPDATE bars_1s SET trades = trades + 1 WHERE {A} AND first_id > 600"]),
    "a wrong first id": ("bars", [f"UPDATE bars_1s SET first_id = first_id - 1 WHERE {A} AND first_id > 600"]),
    "a bar too few": ("bars", [f"DELETE FROM bars_1s WHERE {A} AND first_id > 600 AND last_id < 620"]),
    "a bar too many": (
        "bars",
        [
            (
                f"INSERT INTO bars_1s SELECT symbol_id, start_ms + 86400000, open, high, low, close, volume, trades,"
                f" taker_buy_volume, first_id, last_id, quality FROM bars_1s WHERE {A} AND first_id > 950"
            )
        ],
    ),
    "a hole that is not listed": ("missing", [f"DELETE FROM gaps WHERE {A} AND state = 'LOST'"]),
    "a hole listed too short": ("missing", [f"UPDATE gaps SET last_id = 319 WHERE {A} AND state = 'LOST'"]),
    "LOST told of a stored id": ("ledger", [f"UPDATE gaps SET last_id = 321 WHERE {A} AND state = 'LOST'"]),
    "FILLED told of an absent id": ("ledger", [f"UPDATE gaps SET state = 'FILLED' WHERE {A} AND state = 'LOST'"]),
    "a hole without a cause": ("ledger", [f"UPDATE gaps SET cause = ' ' WHERE {A} AND state = 'LOST'"]),
    "a hole listed twice": (
        "ledger",
        [
            (
                "INSERT INTO gaps (symbol_id, first_id, last_id, state, cause, opened_at_ms)"
                f" SELECT symbol_id, 310, 312, state, cause, opened_at_ms FROM gaps WHERE {A} AND state = 'LOST'"
            )
        ],
    ),
    "a hole still open": ("unfinished", [f"UPDATE gaps SET state = 'OPEN' WHERE {A} AND state = 'LOST'"]),
    "a wrong count of trades": ("count", [f"UPDATE symbols SET ticks_stored = ticks_stored + 1 WHERE {A}"]),
}


@pytest.mark.parametrize("lie", LIES)
def test_every_lie_is_found(honest: Question, lie: str) -> None:
    kind, statements = LIES[lie]
    verdict = tell(honest, *statements)
    assert verdict.wrong[kind] > 0, verdict.line()
    assert verdict.line().startswith("FAIL seed=7 ")


def test_a_symbol_that_was_watched_and_is_not_there_is_missing(honest: Question) -> None:
    verdict = check(replace(honest, symbols=("BTCUSDT", "SOLUSDT"), truth=(*honest.truth, solana_log(honest))))
    assert verdict.wrong == {"missing": 1}
    assert "SOLUSDT has no trade stored" in verdict.line()


def solana_log(question: Question) -> Path:
    log = question.database.with_name("more.csv")
    log.write_text(f"SOLUSDT,1,9.00,1.0,1,1,{START_MS},true\n", encoding="ascii")
    return log


def test_what_was_published_before_since_or_after_until_is_not_owed(honest: Question) -> None:
    rows = published("BTCUSDT", 1_000)
    cut = ["DELETE FROM ticks WHERE trade_id > 800", "DELETE FROM bars_1s WHERE last_id > 800"]
    with closing(sqlite3.connect(honest.database)) as database:
        # Only whole seconds go, so that the bars stay right.
        edge = database.execute(f"SELECT max(last_id), max(start_ms) FROM bars_1s WHERE {A} AND last_id <= 800")
        last_id, start_ms = edge.fetchone()
    statements = [s.replace("800", str(last_id)) + f" AND {A}" for s in cut]
    count = f"UPDATE symbols SET ticks_stored = {last_id - 100 - 21} WHERE {A}"
    only = replace(honest, symbols=("BTCUSDT",))
    assert tell(only, *statements, count).wrong == {"missing": 1000 - last_id}
    assert check(replace(only, until_ms=start_ms + 999)).passed
    assert check(replace(only, until_ms=start_ms + 999, since_ms=rows[100][3])).passed
    early = check(replace(only, until_ms=start_ms + 999, since_ms=START_MS))
    assert early.wrong == {"missing": 100}


def test_open_holes_are_allowed_where_that_is_asked_for(honest: Question) -> None:
    told = tell(honest, f"UPDATE gaps SET state = 'OPEN' WHERE {A} AND state = 'LOST'")
    assert set(told.wrong) == {"unfinished"}
    verdict = check(replace(honest, allow_open=True))
    assert verdict.passed
    assert (verdict.open, verdict.lost) == (21, 21)


def test_after_new_ids_the_database_must_stay_with_one_history(honest: Question, tmp_path: Path) -> None:
    with honest.truth[0].open("a", encoding="ascii") as log:
        log.write(f"# new_ids BTCUSDT\nBTCUSDT,1,100.00,1.0,1,1,{START_MS + 10**6},true\n")
    assert check(honest).passed
    mixed = (
        "INSERT INTO ticks SELECT symbol_id, 1, 1800001000000, 100.0, 1.0, 1 FROM symbols WHERE name = 'BTCUSDT'",
        f"UPDATE symbols SET ticks_stored = ticks_stored + 1 WHERE {A}",
    )
    assert not tell(honest, *mixed).passed


def test_stored_trades_older_than_the_log_are_counted_as_unverified(honest: Question) -> None:
    log = honest.truth[0]
    lines = log.read_text(encoding="ascii").splitlines(keepends=True)
    log.write_text("".join(line for line in lines if line.startswith("symbol") or int(line.split(",")[1]) > 200))
    verdict = check(honest)
    assert verdict.passed
    assert verdict.unverified == 200


def test_a_log_that_contradicts_itself_is_not_believed(tmp_path: Path) -> None:
    log = tmp_path / "truth.csv"
    log.write_text("A,1,5.0,1,1,1,10,true\nA,1,6.0,1,1,1,10,true\n")
    with pytest.raises(BadTruth, match="told twice"):
        read_truth([log])


def test_the_last_line_may_be_cut_off(tmp_path: Path) -> None:
    log = tmp_path / "truth.csv"
    log.write_text("A,1,5.0,1,1,1,10,true\nA,2,6.0,1,")
    assert len(read_truth([log])["A"][0]) == 1


def test_damage_is_told(honest: Question) -> None:
    content = bytearray(honest.database.read_bytes())
    content[2 * 4096 : 20 * 4096] = b"\x99" * (18 * 4096)
    honest.database.write_bytes(content)
    ran = run(honest)
    assert ran.returncode in {1, 2}
    assert ran.stdout.startswith(("FAIL", "CANNOT JUDGE"))


def run(question: Question, *more: str) -> subprocess.CompletedProcess[str]:
    command = ["--truth", str(question.truth[0]), "--database", str(question.database), "--seed", "7", *more]
    return subprocess.run(
        [sys.executable, "-m", "tests.reliability.checker", *command],
        cwd=HOME,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_program_prints_one_line_with_its_seed(honest: Question) -> None:
    ran = run(honest, "--symbols", "btcusdt,ethusdt")
    assert (ran.returncode, ran.stderr, ran.stdout.count("\n")) == (0, "", 1)
    assert ran.stdout.startswith("PASS seed=7 symbols=2 ")
    tell(honest, f"DELETE FROM ticks WHERE {A} AND trade_id = 400")
    ran = run(honest)
    assert (ran.returncode, ran.stdout.count("\n")) == (1, 1)
    assert "BTCUSDT ids 400-400 are not stored, nor listed" in ran.stdout
    assert run(replace(honest, database=honest.database.with_name("none.db"))).returncode == 2


def test_the_checker_uses_the_standard_library_and_nothing_of_the_product() -> None:
    own = {"truth_log", "expected_bars", "listed_holes", "checker"}
    for name in own:
        tree = ast.parse((HOME / f"tests/reliability/{name}.py").read_text(encoding="utf-8"))
        imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        imported |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        foreign = {m for m in imported if m.split(".")[0] not in sys.stdlib_module_names}
        assert foreign <= {f"tests.reliability.{one}" for one in own}, name
