"""Trades of an archive file into a store: only what is missing there, or everything. Nothing becomes an unlisted hole.

Every step is safe to be killed: what is about to be stored is in the ledger of holes before, and a second run goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics.errors import BadInput
from analytics.market import Gap, Ticks
from analytics.status import StoredSymbol
from ingest.archive import ArchiveFile, ArchiveSummary
from ingest.id_extent import IdRange
from services.ports import TickStore
from storage.ledger import united, unresolved, without

BETWEEN = "between imported file and store"

_HORIZON_MS = 48 * 3_600_000
_APPEND_TICKS = 20_000
_FLUSH_S = 30.0
# Trades are stamped within a second of the order of their ids; the same id of another market lies weeks apart.
_SLACK_MS = 60_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file brought. stored: trades that were not in the store.  healed: ids of them that had been listed as
    missing.
    """

    file: ArchiveSummary
    stored: int
    healed: int


def missing(store: TickStore, symbol: str) -> tuple[Gap, ...]:
    """The OPEN and LOST rows of a symbol, by id."""
    return tuple(sorted(unresolved(store.gaps(symbol)), key=lambda gap: gap.first_id))


def survey(archive: ArchiveFile) -> ArchiveSummary:
    """What is in the file, told by ids and times. Raises BadInput when it is damaged anywhere."""
    reading = archive.read([])
    for _page in reading.pages():
        continue
    return reading.summary()


def heal(store: TickStore, archive: ArchiveFile, now_ms: int) -> Imported:
    """Store those trades of the file that the ledger lists as OPEN or LOST; the rows become FILLED.

    Raises BadInput for a file that is damaged or of another market, StoreError when the store cannot take it.
    """
    holes, known = _holes(store, archive.symbol), _known(store, archive.symbol)
    reading = archive.read(holes)
    for page in reading.pages():
        ends = int(page.trade_id[0]), int(page.trade_id[-1])
        _check_bounds(store, archive, page, [hole for hole in holes if hole[0] <= ends[1] and hole[1] >= ends[0]])
        _list(store, archive, ends, now_ms)
        _append(store, archive.symbol, page)
    return _imported(store, archive, reading.summary(), holes, known)


def store_all(store: TickStore, archive: ArchiveFile, now_ms: int) -> Imported:
    """Store every trade of the file. What lies between it and the store, and what it lacks itself, is listed first.

    Raises as `heal` does.
    """
    summary = survey(archive)
    if summary.first_id is None or summary.last_id is None:
        raise BadInput(f"{archive.path} holds no trades")
    holes, known = _holes(store, archive.symbol), _known(store, archive.symbol)
    _check_place(store, archive, summary, known)
    _list(store, archive, (summary.first_id, summary.last_id), now_ms)
    for page in archive.read().pages():
        _refuse_other_trades(store, archive, page)
        _append(store, archive.symbol, page)
    return _imported(store, archive, summary, holes, known)


def give_up_old(store: TickStore, symbol: str, now_ms: int) -> None:
    """What is still OPEN, and older than the exchange's REST reaches back, is LOST."""
    for first_id, last_id in _holes(store, symbol):
        after = store.ticks_between(symbol, last_id + 1, last_id + 1)
        if not len(after) or int(after.time_ms[0]) > now_ms - _HORIZON_MS:
            continue
        for gap in missing(store, symbol):
            if gap.state == "OPEN" and first_id <= gap.first_id and gap.last_id <= last_id:
                cause = f"{gap.cause}, beyond the exchange's 48 hours"
                store.lose_gap(symbol, gap.first_id, gap.last_id, cause, now_ms)
    store.flush(_FLUSH_S)


def moment(time_ms: int) -> str:
    """A time as people read it, UTC."""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _check_bounds(store: TickStore, archive: ArchiveFile, page: Ticks, holes: Iterable[IdRange]) -> None:
    """The trades of a hole must lie between the times of the stored trades beside it."""
    for first_id, last_id in holes:
        inside = page.rows((page.trade_id >= first_id) & (page.trade_id <= last_id))
        if not len(inside):
            continue
        before = store.ticks_between(archive.symbol, first_id - 1, first_id - 1)
        after = store.ticks_between(archive.symbol, last_id + 1, last_id + 1)
        early = len(before) and inside.time_ms.min() < before.time_ms[0] - _SLACK_MS
        late = len(after) and inside.time_ms.max() > after.time_ms[0] + _SLACK_MS
        if early or late:
            raise _of_another_market(archive, int(inside.trade_id[0]), int(inside.time_ms[0]))


def _check_place(store: TickStore, archive: ArchiveFile, summary: ArchiveSummary, known: StoredSymbol) -> None:
    """A file whose ids lie before those of the store must also lie before them in time, and so behind them."""
    if summary.first_id is None or summary.last_id is None or summary.first_ms is None or summary.last_ms is None:
        return
    for stored_id in (known.first_id, known.last_id):
        if stored_id is None:
            continue
        stored_ms = int(store.ticks_between(archive.symbol, stored_id, stored_id).time_ms[0])
        if summary.last_id < stored_id and summary.last_ms > stored_ms + _SLACK_MS:
            raise _of_another_market(archive, summary.last_id, summary.last_ms)
        if summary.first_id > stored_id and summary.first_ms < stored_ms - _SLACK_MS:
            raise _of_another_market(archive, summary.first_id, summary.first_ms)


def _refuse_other_trades(store: TickStore, archive: ArchiveFile, page: Ticks) -> None:
    """The trade of the page that the store holds already must be the same there."""
    held = store.ticks_between(archive.symbol, int(page.trade_id[0]), int(page.trade_id[-1]), limit=1)
    same = page.rows(page.trade_id == held.trade_id[0]) if len(held) else held
    if len(same) and (same.time_ms[0] != held.time_ms[0] or same.price[0] != held.price[0]):
        raise _of_another_market(archive, int(same.trade_id[0]), int(same.time_ms[0]))


def _of_another_market(archive: ArchiveFile, trade_id: int, time_ms: int) -> BadInput:
    return BadInput(
        f"{archive.path}: trade {trade_id} of {moment(time_ms)} does not fit the stored trades of {archive.symbol}; "
        "is it a file of another market, such as spot?"
    )


def _list(store: TickStore, archive: ArchiveFile, ids: IdRange, now_ms: int) -> None:
    """Enter what the store must answer for once it holds trades with these ids; what is listed stays as it is."""
    for first_id, last_id, cause in _unlisted(ids, _known(store, archive.symbol), archive.path.name):
        store.open_gap(Gap(archive.symbol, first_id, last_id, "OPEN", cause, now_ms))


def _unlisted(file: IdRange, known: StoredSymbol, name: str) -> list[tuple[int, int, str]]:
    """The ids outside the store that a store with this file must answer for, as (first, last, cause)."""
    (first, last), own = file, f"import of {name}"
    if known.first_id is None or known.last_id is None:
        return [(first, last, own)]
    lower, upper = known.first_id, known.last_id
    ranges = [
        (last + 1, lower - 1, BETWEEN),
        (first, min(last, lower - 1), own),
        (upper + 1, first - 1, BETWEEN),
        (max(first, upper + 1), last, own),
    ]
    return [(begin, end, cause) for begin, end, cause in ranges if begin <= end]


def _append(store: TickStore, symbol: str, page: Ticks) -> None:
    for start in range(0, len(page), _APPEND_TICKS):
        store.append(symbol, page.rows(slice(start, start + _APPEND_TICKS)), backfilled=True)
        # A full queue would turn trades into holes.
        store.flush(_FLUSH_S)


def _holes(store: TickStore, symbol: str) -> tuple[IdRange, ...]:
    return united((gap.first_id, gap.last_id) for gap in missing(store, symbol))


def _known(store: TickStore, symbol: str) -> StoredSymbol:
    return store.summary().get(symbol, StoredSymbol())


def _imported(
    store: TickStore, archive: ArchiveFile, file: ArchiveSummary, holes: Sequence[IdRange], known: StoredSymbol
) -> Imported:
    left = _holes(store, archive.symbol)
    healed = sum(last - first + 1 for hole in holes for first, last in without(hole, left))
    return Imported(file, _known(store, archive.symbol).ticks_stored - known.ticks_stored, healed)
