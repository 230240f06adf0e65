"""A file into the store of a dataset: its trades or bars, and the ledger of the ids that it lacks."""

from __future__ import annotations

from analytics.errors import BadInput
from analytics.market import Gap, Ticks, Timeframe
from analytics.status import StoredSymbol
from ingest.upload import UploadFile
from services.dataset_facts import DatasetFacts, SymbolFacts, TakenIn
from services.dataset_history import candle_pages
from services.ports import TickStore

NOT_IN_THE_FILE = "not in the uploaded file"
BETWEEN_FILES = "between uploaded files"

_FLUSH_ROWS = 20_000
_FLUSH_S = 60.0
_MOST_HOLES = 20_000


class Building:
    """Puts one file into a store. before: what the dataset held, None for a new one.

    The store is nobody else's meanwhile, and thrown away when anything raises.
    """

    def __init__(self, store: TickStore, name: str, before: DatasetFacts | None, now_ms: int) -> None:
        self._store = store
        self._name = name
        self._before = before
        self._now_ms = now_ms
        self._timeframes: dict[str, Timeframe] = {}
        self._unflushed = 0

    def take_in(self, upload: UploadFile, file_name: str) -> TakenIn:
        """Everything of the file. Raises BadInput when it cannot be used, StoreError when it cannot be stored."""
        known = self._store.summary()
        bars_before = {symbol: facts.rows for symbol, facts in self._symbols_before().items()}
        for symbol, page in upload.pages():
            if isinstance(page, Ticks):
                self._check(symbol, Timeframe.TICK)
                self._refuse_other_trades(symbol, page)
                self._store.append(symbol, page)
            else:
                self._check(symbol, self._timeframes.get(symbol) or upload.timeframe(symbol))
                self._store.keep_candles(symbol, self._timeframes[symbol], page)
            self._count(len(page))
        if not upload.seen:
            raise BadInput(_no_row(upload, file_name))
        self._store.flush(_FLUSH_S)
        missing = sum(
            self._list_holes(symbol, upload, known.get(symbol, StoredSymbol()))
            for symbol, timeframe in self._timeframes.items()
            if timeframe is Timeframe.TICK
        )
        self._store.flush(_FLUSH_S)
        facts = {symbol: self._facts(symbol, upload) for symbol in self._timeframes}
        good = sum(seen.rows for seen in upload.seen.values())
        stored = sum(
            one.rows - (known.get(symbol, StoredSymbol()).ticks_stored or bars_before.get(symbol, 0))
            for symbol, one in facts.items()
        )
        return self._told(upload, file_name, facts, good, stored, missing)

    def _told(
        self, upload: UploadFile, file_name: str, facts: dict[str, SymbolFacts], good: int, stored: int, missing: int
    ) -> TakenIn:
        if upload.form is None or upload.unit is None:
            raise BadInput(_no_row(upload, file_name))
        files = (*(self._before.files if self._before else ()), file_name)
        return TakenIn(
            dataset=DatasetFacts(self._name, self._now_ms, files, self._symbols_before() | facts),
            symbols=tuple(facts),
            format=upload.form.name,
            time_unit=upload.unit,
            rows=upload.rows,
            stored=stored,
            duplicates=good - stored,
            rejected_rows=upload.rejected_rows,
            rejected=tuple(upload.rejected),
            disordered=sum(seen.disordered for seen in upload.seen.values()),
            partial=sum(seen.partial for seen in upload.seen.values()),
            missing_ids=missing,
        )

    def _symbols_before(self) -> dict[str, SymbolFacts]:
        return self._before.symbols if self._before is not None else {}

    def _check(self, symbol: str, timeframe: Timeframe) -> None:
        """A symbol of a dataset is trades, or bars of one length."""
        held = self._symbols_before().get(symbol)
        if held is not None and held.timeframe is not timeframe:
            is_, was = (_kind(one) for one in (timeframe, held.timeframe))
            raise BadInput(
                f"dataset {self._name} holds {symbol} as {was}, and this file holds {is_}; give it another dataset"
            )
        self._timeframes[symbol] = timeframe

    def _count(self, rows: int) -> None:
        self._unflushed += rows
        if self._unflushed >= _FLUSH_ROWS:
            # A full queue would turn trades into holes.
            self._store.flush(_FLUSH_S)
            self._unflushed = 0

    def _refuse_other_trades(self, symbol: str, page: Ticks) -> None:
        """The trade of the page that the dataset holds already must be the same there."""
        if self._before is None:
            return
        held = self._store.ticks_between(symbol, int(page.trade_id[0]), int(page.trade_id[-1]), limit=1)
        same = page.rows(page.trade_id == held.trade_id[0]) if len(held) else held
        if len(same) and (same.time_ms[0] != held.time_ms[0] or same.price[0] != held.price[0]):
            raise BadInput(
                f"trade {same.trade_id[0]} of {symbol} is another one in dataset {self._name}: is it a file of another "
                "market, such as spot? Give it another dataset"
            )

    def _list_holes(self, symbol: str, upload: UploadFile, known: StoredSymbol) -> int:
        """Enter as LOST what the dataset lacks between its first and its last trade; how many ids that are."""
        ids = upload.seen[symbol].ids
        first, last = int(ids.ranges[0, 0]), int(ids.ranges[-1, 1])
        holes = [(*hole, NOT_IN_THE_FILE) for hole in ids.holes()]
        if known.last_id is not None and known.last_id + 1 < first:
            holes.append((known.last_id + 1, first - 1, BETWEEN_FILES))
        if known.first_id is not None and last + 1 < known.first_id:
            holes.append((last + 1, known.first_id - 1, BETWEEN_FILES))
        if len(holes) > _MOST_HOLES:
            raise BadInput(
                f"the trade ids of {symbol} jump at {len(holes):,} places, more than {_MOST_HOLES:,}: these are not "
                "all trades of a time; upload bars instead"
            )
        told = [
            (max(one.first_id, first), one.last_id, one.cause)
            for one in upload.lost
            if one.symbol == symbol and one.last_id >= first
        ]
        for begin, end, cause in (*told, *holes):
            self._store.open_gap(Gap(symbol, begin, end, "OPEN", cause, self._now_ms))
            self._store.lose_gap(symbol, begin, end, cause, self._now_ms)
        self._store.flush(_FLUSH_S)
        return sum(gap.last_id - gap.first_id + 1 for gap in self._store.gaps(symbol) if gap.state == "LOST")

    def _facts(self, symbol: str, upload: UploadFile) -> SymbolFacts:
        seen, before = upload.seen[symbol].ids, self._symbols_before().get(symbol)
        edges = [edge for edge in (seen.first_ms, seen.last_ms) if edge is not None]
        edges += [before.first_ms, before.last_ms] if before else []
        timeframe = self._timeframes[symbol]
        if timeframe is Timeframe.TICK:
            rows, told = self._store.summary()[symbol].ticks_stored, True
        else:
            upload.timeframe(symbol)  # by the last row too
            rows = sum(map(len, candle_pages(self._store, symbol, timeframe, min(edges), max(edges))))
            told = upload.form is not None and upload.form.tells_takers and (before is None or before.tells_takers)
        return SymbolFacts(
            timeframe=timeframe,
            rows=rows,
            first_ms=min(edges),
            last_ms=max(edges),
            tells_takers=told,
        )


def _kind(timeframe: Timeframe) -> str:
    return "trades" if timeframe is Timeframe.TICK else f"bars of {timeframe}"


def _no_row(upload: UploadFile, file_name: str) -> str:
    if not upload.rejected:
        return f"{file_name} holds no rows"
    first = upload.rejected[0]
    place = f"line {first.line}" + (f", column {first.column}" if first.column is not None else "")
    told = f"{upload.rejected_rows} rejected, the first on {place}: {first.reason}"
    return f"{file_name} holds no row that can be used: {told}"
