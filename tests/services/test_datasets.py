"""Datasets are listed, renamed, removed, brought back, added to, and survive restarts and kills."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from analytics.errors import BadInput, NameTaken, StoreError, UnknownName, UnknownSymbol
from analytics.market import Ticks, Timeframe
from api.table import TICK_HEADER, tick_rows
from services.dataset_facts import TakenIn
from services.datasets import Datasets
from tests.fakes import FakeClock
from tests.services.scripted import random_ticks

TRADES = random_ticks(1, 300, 60_000.0)
DAY_MS = 86_400_000
ASKED = "BTCUSDT@ONE"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@contextmanager
def opened(folder: Path, clock: FakeClock) -> Iterator[Datasets]:
    with closing(Datasets(folder / "datasets", clock)) as datasets:
        yield datasets


def put(
    datasets: Datasets, ticks: Ticks = TRADES, name: str | None = "one", symbol: str = "btcusdt", file: str = "a.csv"
) -> TakenIn:
    text = TICK_HEADER + tick_rows(symbol, ticks)
    with datasets.incoming(len(text)) as folder:
        path = folder / "file"
        path.write_text(text)
        return datasets.take_in(folder, path, file, dataset=name)


def held(datasets: Datasets, symbol: str = ASKED) -> list[int]:
    return [one for page in datasets.tick_pages(symbol, None) for one in page.trade_id.tolist()]


def names(datasets: Datasets) -> list[str]:
    return [facts.name for facts in datasets.all()]


def test_a_dataset_survives_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as datasets:
        put(datasets)
    with opened(tmp_path, clock) as datasets:
        assert names(datasets) == ["ONE"]
        assert held(datasets) == TRADES.trade_id.tolist()
        assert datasets.newest(ASKED, Timeframe.S1, 10).close[-1] == TRADES.price[-1]


def test_a_file_without_a_name_for_its_dataset_gives_it_its_own_and_never_replaces_one(
    tmp_path: Path, clock: FakeClock
) -> None:
    with opened(tmp_path, clock) as datasets:
        for _ in range(3):
            put(datasets, name=None, file="my trades.csv.gz")
        assert sorted(names(datasets)) == ["MY_TRADES", "MY_TRADES_2", "MY_TRADES_3"]


def test_a_further_file_adds_its_trades_and_other_symbols(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as datasets:
        put(datasets, TRADES.rows(slice(0, 100)))
        before = datasets.version(ASKED)
        taken = put(datasets, TRADES.rows(slice(90, 200)), file="b.csv")
        assert (taken.stored, taken.duplicates) == (100, 10)
        assert put(datasets, TRADES.rows(slice(250, 300))).missing_ids == 50
        put(datasets, symbol="ethusdt")
        assert datasets.version(ASKED) != before
        assert held(datasets) == TRADES.trade_id[np.r_[0:200, 250:300]].tolist()
        assert [(gap.first_id, gap.last_id, gap.cause) for gap in datasets.gaps(ASKED)] == [
            (201, 250, "between uploaded files")
        ]
        assert held(datasets, "ETHUSDT@ONE") == TRADES.trade_id.tolist()
        assert datasets.facts("one").files == ("a.csv", "b.csv", "a.csv", "a.csv")
        assert put(datasets, TRADES.rows(slice(200, 250))).missing_ids == 0


def test_a_file_that_does_not_fit_leaves_the_dataset_as_it_was(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as datasets:
        put(datasets)
        with pytest.raises(BadInput, match="is another one in dataset ONE"):
            put(datasets, random_ticks(9, 400, 5.0))
        assert held(datasets) == TRADES.trade_id.tolist()
        assert names(datasets) == ["ONE"]


def test_a_renamed_dataset_is_asked_by_its_new_name_alone(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as datasets:
        put(datasets)
        put(datasets, name="taken")
        held(datasets)
        with pytest.raises(NameTaken):
            datasets.rename("one", "taken")
        with pytest.raises(BadInput, match="letters, digits and _"):
            datasets.rename("one", "a/b")
        assert datasets.rename("one", "January").name == "JANUARY"
        assert held(datasets, "BTCUSDT@JANUARY") == TRADES.trade_id.tolist()
        with pytest.raises(UnknownSymbol, match="no BTCUSDT in a dataset ONE"):
            datasets.check(ASKED)
    with opened(tmp_path, clock) as datasets:
        assert sorted(names(datasets)) == ["JANUARY", "TAKEN"]


def test_a_removed_dataset_can_be_brought_back_within_the_day_also_after_a_restart(
    tmp_path: Path, clock: FakeClock
) -> None:
    with opened(tmp_path, clock) as datasets:
        put(datasets)
        removal = datasets.remove("ONE").removal
        assert names(datasets) == []
        with pytest.raises(UnknownSymbol):
            datasets.newest_ticks(ASKED, 1)
    clock.pass_ms(DAY_MS - 1)
    with opened(tmp_path, clock) as datasets:
        assert datasets.bring_back(removal).name == "ONE"
        assert held(datasets) == TRADES.trade_id.tolist()
        with pytest.raises(UnknownName):
            datasets.bring_back(removal)


def test_after_a_day_a_removed_dataset_is_gone_from_the_disk(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as datasets:
        put(datasets)
        removal = datasets.remove("one").removal
        clock.pass_ms(DAY_MS)
        assert datasets.removed() == ()
        with pytest.raises(UnknownName):
            datasets.bring_back(removal)
    assert list((tmp_path / "datasets").iterdir()) == []


def test_a_dataset_that_comes_back_never_takes_the_place_of_another(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as datasets:
        put(datasets)
        removal = datasets.remove("one").removal
        put(datasets, TRADES.rows(slice(0, 10)))
        with pytest.raises(NameTaken):
            datasets.bring_back(removal)
        datasets.rename("one", "two")
        datasets.bring_back(removal)
        assert sorted(names(datasets)) == ["ONE", "TWO"]


def test_two_files_at_a_time_are_one_too_many(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as datasets:
        with datasets.incoming(1), pytest.raises(BadInput, match="another file is being taken in"):
            put(datasets)
        put(datasets)


def test_a_file_is_refused_before_it_fills_the_disk(tmp_path: Path, clock: FakeClock) -> None:
    greedy = Datasets(tmp_path / "datasets", clock, spare_bytes=1 << 60)
    with pytest.raises(StoreError, match="MiB of disk"):
        put(greedy)
    assert list((tmp_path / "datasets").iterdir()) == []


def test_another_process_sees_the_datasets_and_does_not_take_one_that_is_open_away(
    tmp_path: Path, clock: FakeClock
) -> None:
    with opened(tmp_path, clock) as mine, opened(tmp_path, clock) as theirs:
        put(mine)
        assert names(theirs) == ["ONE"]
        held(mine)
        with pytest.raises(StoreError, match="in use by another Pairwatch"):
            theirs.remove("one")
        assert held(mine) == TRADES.trade_id.tolist()


KILLED = """
import os, sys
from pathlib import Path
from services import dataset_folder
from services.clock import SystemClock
from services.datasets import Datasets
from tests.services.test_datasets import TRADES, put

folder, point, name = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
points = 0

def at_point(event, arguments):
    global points
    if event in {"open", "os.rename", "os.mkdir", "os.remove", "shutil.rmtree"} and str(folder) in str(arguments[0]):
        points += 1
        if points == point:
            os.kill(os.getpid(), 9)

datasets = Datasets(folder, SystemClock())
sys.addaudithook(at_point)
put(datasets, TRADES.rows(slice(0, 250)), name)
print("done", flush=True)
"""


@pytest.mark.parametrize(
    ("name", "point"),
    [
        *(("one", point) for point in (1, 10, 20, 28, 29, 30, 31, 33)),
        *(("two", point) for point in (1, 3, 12, 19, 20, 21)),
    ],
)
def test_a_kill_during_an_upload_leaves_all_of_it_or_nothing(
    point: int, name: str, tmp_path: Path, clock: FakeClock
) -> None:
    """`one` is there already and is copied (10) and replaced (29, 30); `two` is new and gets its name (20)."""
    folder = tmp_path / "datasets"
    with opened(tmp_path, clock) as datasets:
        put(datasets, TRADES.rows(slice(0, 200)))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), str(point), name], capture_output=True, check=False
    )
    assert done.returncode in {0, -9}, done.stderr.decode()
    with opened(tmp_path, clock) as datasets:
        assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
        assert set(names(datasets)) <= {"ONE", "TWO"}
        assert held(datasets) in ([*range(1, 201)], [*range(1, 251)])
        if "TWO" in names(datasets):
            assert held(datasets, "BTCUSDT@TWO") == [*range(1, 251)]
