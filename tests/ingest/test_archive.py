"""The exchange's archive files: whatever their order, unit, header or packing, the same trades come out."""

from __future__ import annotations

import gzip
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadInput
from analytics.market import Ticks
from ingest.archive import ArchiveFile
from tests.ingest.archives import Dialect, rows_of, write_archive, write_checksum
from tests.storage.trades import same, trades

DIALECTS = st.builds(
    Dialect,
    header=st.booleans(),
    microseconds=st.booleans(),
    truth=st.sampled_from(["lower", "title", "upper"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    best_match=st.booleans(),
    last_newline=st.booleans(),
    packing=st.sampled_from(["plain", "gz", "zip"]),
)
ID_SETS = st.sets(st.integers(1, 400), min_size=1, max_size=120)


def all_of(pages: list[Ticks]) -> Ticks:
    """The pages as a store would hold them: each id once."""
    whole = Ticks.empty()
    for page in pages:
        assert (np.diff(page.trade_id) > 0).all()
        whole = whole.joined(page)
    return whole.rows(np.unique(whole.trade_id, return_index=True)[1])


def holes_in(ids: set[int]) -> list[int]:
    return sorted(set(range(min(ids), max(ids) + 1)) - ids)


def spread_out(ranges: tuple[tuple[int, int], ...]) -> list[int]:
    return [one for first, last in ranges for one in range(first, last + 1)]


@given(ids=ID_SETS, dialect=DIALECTS, data=st.data())
def test_any_order_any_repetition_and_any_dialect_reads_back_to_the_same_trades(
    ids: set[int], dialect: Dialect, data: st.DataObject
) -> None:
    rows = rows_of(trades(ids), dialect)
    shuffled = data.draw(st.permutations(rows + data.draw(st.lists(st.sampled_from(rows), max_size=20))))
    with tempfile.TemporaryDirectory() as folder:
        reading = ArchiveFile(write_archive(Path(folder), shuffled, dialect)).read()
        assert same(all_of(list(reading.pages())), trades(ids))
    summary = reading.summary()
    assert (summary.rows, summary.repeats) == (len(shuffled), len(shuffled) - len(ids))
    assert (summary.first_id, summary.last_id) == (min(ids), max(ids))
    assert (summary.first_ms, summary.last_ms) == (trades(ids).time_ms.min(), trades(ids).time_ms.max())
    assert spread_out(summary.holes) == holes_in(ids)


@given(ids=ID_SETS, wanted=st.sets(st.integers(1, 400)), dialect=DIALECTS, data=st.data())
def test_asking_for_some_ids_brings_exactly_those_and_still_sees_the_whole_file(
    ids: set[int], wanted: set[int], dialect: Dialect, data: st.DataObject
) -> None:
    rows = data.draw(st.permutations(rows_of(trades(ids), dialect)))
    with tempfile.TemporaryDirectory() as folder:
        archive = ArchiveFile(write_archive(Path(folder), rows, dialect))
        chosen, whole = archive.read([(one, one) for one in sorted(wanted)]), archive.read()
        assert same(all_of(list(chosen.pages())), trades(ids & wanted))
        list(whole.pages())
    assert chosen.summary() == whole.summary()


@given(prices=st.lists(st.decimals("0.00000001", "9999999", places=8), min_size=1, max_size=50))
def test_a_price_is_the_float_nearest_to_its_text(prices: list[object]) -> None:
    rows = [f"{at + 1},{price:f},1.5,1,1,1763769600000,true" for at, price in enumerate(prices)]
    with tempfile.TemporaryDirectory() as folder:
        (page,) = ArchiveFile(write_archive(Path(folder), rows)).read().pages()
    assert page.price.tolist() == [float(f"{price:f}") for price in prices]


def test_a_file_of_many_blocks_is_read_in_pages_and_a_fault_names_its_line(tmp_path: Path) -> None:
    ids = range(1, 160_001)
    rows = rows_of(trades(ids))
    path = write_archive(tmp_path, rows, Dialect(header=True))
    pages = list(ArchiveFile(path).read().pages())
    assert len(pages) > 1
    assert same(all_of(pages), trades(ids))
    rows[150_000] = rows[150_000].replace(",true", ",perhaps").replace(",false", ",perhaps")
    with pytest.raises(BadInput, match=r"line 150002, column 7 \(is_buyer_maker\): expected true or false"):
        list(ArchiveFile(write_archive(tmp_path, rows, Dialect(header=True))).read().pages())


GOOD = "7,100.5,2.0,1,2,1763769600000,true"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([GOOD, "x8,100.5,2.0,1,2,1763769600000,true"], "line 2, column 1 (agg_trade_id)"),
        ([GOOD, "8,1_00.5,2.0,1,2,1763769600000,true"], "line 2, column 2 (price)"),
        ([GOOD, "8,nan,2.0,1,2,1763769600000,true"], "line 2, column 2 (price)"),
        ([GOOD, "8,1e999,2.0,1,2,1763769600000,true"], "line 2, column 2 (price)"),
        ([GOOD, "8,100.5,,1,2,1763769600000,true"], "line 2, column 3 (quantity)"),
        ([GOOD, "8,100.5,2.0,1,2.5,1763769600000,true"], "line 2, column 5 (last_trade_id)"),
        ([GOOD, "8,100.5,2.0,1,2,yesterday,true"], "line 2, column 6 (transact_time)"),
        ([GOOD, "8,100.5,2.0,1,2,1763769600000,1"], "line 2, column 7 (is_buyer_maker)"),
        ([GOOD, "8,100.5,2.0,1,2"], "line 2: 5 columns, expected 7 or 8"),
        ([GOOD, GOOD + ",true,true"], "line 2: 9 columns"),
        ([GOOD, "", GOOD], "line 2: 1 columns"),
        ([GOOD, GOOD + "],[" + GOOD], "line 2: 14 columns"),
        (["-" + GOOD], "line 1, column 1 (agg_trade_id)"),
        (["agg_trade_id,quantity,price", GOOD], "line 1, column 2: it is called 'quantity', expected price"),
        (["agg_trade_id,price", GOOD], "line 1: 2 columns"),
        ([GOOD, "9" * 70_000], "line 2: "),
    ],
)
def test_a_fault_names_file_line_and_column(tmp_path: Path, rows: list[str], told: str) -> None:
    path = write_archive(tmp_path, rows)
    for wanted in (None, [(7, 8)]):
        with pytest.raises(BadInput) as refused:
            list(ArchiveFile(path).read(wanted).pages())
        assert f"{path}, {told}" in str(refused.value)


def test_rows_without_a_price_a_quantity_or_a_moment_are_counted_and_kept_out(tmp_path: Path) -> None:
    bad = ["8,0,2.0,1,2,1763769600000,true", "9,100.5,0.0,1,2,1763769600000,true", "10,100.5,1.0,1,2,17,true"]
    reading = ArchiveFile(write_archive(tmp_path, [GOOD, *bad])).read()
    assert [page.trade_id.tolist() for page in reading.pages()] == [[7]]
    summary = reading.summary()
    assert summary.set_aside == {
        "price or quantity is not above zero": 2,
        "the time is not between 2010 and 2100": 1,
    }
    assert (summary.rows, summary.last_id) == (4, 7)


def test_the_checksum_beside_a_file_is_believed_missed_or_refused(tmp_path: Path) -> None:
    archive = ArchiveFile(write_archive(tmp_path, [GOOD]))
    assert archive.verify() is False
    write_checksum(archive.path)
    assert archive.verify() is True
    write_checksum(archive.path, "ab" * 32)
    with pytest.raises(BadInput, match=r"has the SHA-256 sum [0-9a-f]{64}, but .*CHECKSUM says (ab){32}"):
        archive.verify()
    archive.path.with_name(archive.path.name + ".CHECKSUM").write_text("<html>not found</html>")
    with pytest.raises(BadInput, match="holds no SHA-256 sum"):
        archive.verify()


def test_a_zip_of_anything_but_one_plain_csv_is_refused(tmp_path: Path) -> None:
    def packed(*members: tuple[str, bytes]) -> Path:
        path = tmp_path / "BTCUSDT-aggTrades-2026-11-01.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content)
        return path

    row = (GOOD + "\n").encode()
    for members, told in [
        ((), "holds 0 files"),
        ((("a.csv", row), ("b.csv", row)), "holds 2 files"),
        ((("../a.csv", row),), "without a folder"),
        ((("/etc/a.csv", row),), "without a folder"),
        ((("a.exe", row),), "without a folder"),
        ((("a.csv", b"0" * (100 << 20)),), "unpacks to"),
    ]:
        with pytest.raises(BadInput, match=told):
            list(ArchiveFile(packed(*members)).read().pages())


def test_a_gzip_that_unpacks_without_end_is_left_early(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT-aggTrades-2026-11-01.csv.gz"
    with gzip.open(path, "wb") as packed:
        for _ in range(100):
            packed.write((GOOD + "\n").encode() * 30_000)
    with pytest.raises(BadInput, match="unpacks to"):
        list(ArchiveFile(path).read([]).pages())


@pytest.mark.parametrize("packing", ["zip", "gz"])
def test_a_file_cut_short_or_altered_is_damaged(tmp_path: Path, packing: str) -> None:
    rows = rows_of(trades(range(1, 2_000)))
    path = write_archive(tmp_path, rows, Dialect(packing=packing))  # type: ignore[arg-type]
    whole = path.read_bytes()
    middle = len(whole) // 2
    for broken in (whole[:middle], whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]):
        path.write_bytes(broken)
        with pytest.raises(BadInput, match=r"damaged|cannot be read|line \d+"):
            list(ArchiveFile(path).read([]).pages())


def test_the_symbol_comes_from_the_name_or_from_the_caller_and_never_from_both_apart(tmp_path: Path) -> None:
    assert ArchiveFile(tmp_path / "ETHUSDT-aggTrades-2026-10.csv").symbol == "ETHUSDT"
    assert ArchiveFile(tmp_path / "mine.csv", "ethusdt").symbol == "ETHUSDT"
    with pytest.raises(BadInput, match="add --symbol"):
        ArchiveFile(tmp_path / "mine.csv")
    with pytest.raises(BadInput, match="named as trades of ETHUSDT, not of BTCUSDT"):
        ArchiveFile(tmp_path / "ETHUSDT-aggTrades-2026-10.csv", "BTCUSDT")
    with pytest.raises(BadInput, match="is not a symbol"):
        ArchiveFile(tmp_path / "mine.csv", "BTC-USDT")


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        list(ArchiveFile(tmp_path / "ETHUSDT-aggTrades-2026-10.csv").read().pages())
