"""Any interleaving of batches and holes against a model that knows nothing but ids."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.market import Bars, Gap, Quality, Timeframe
from storage.sql import SqlStore
from tests.storage.trades import DAY_MS, SYMBOL, same, trades

IDS = st.integers(1, 160)
NONE = range(0)
RANGES = st.tuples(IDS, IDS).map(lambda pair: range(min(pair), max(pair) + 1))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), RANGES),
        st.tuples(st.just("append"), st.sets(IDS, min_size=1, max_size=12)),
        st.tuples(st.just("backfill"), RANGES),
        st.tuples(st.just("backfill"), st.sets(IDS, min_size=1, max_size=12)),
        st.tuples(st.just("open"), RANGES),
        st.tuples(st.just("lose"), RANGES),
        st.tuples(st.just("flush"), RANGES),
        st.tuples(st.just("reopen"), RANGES),
    ),
    max_size=14,
)
BAR = tuple[int, float, float, float, float, float, int, float, int, int, int]


@dataclass
class Model:
    """backfilled: of each stored id, whether it came late.  fate: of each id that was ever a hole."""

    backfilled: dict[int, bool] = field(default_factory=dict)
    fate: dict[int, str] = field(default_factory=dict)

    def apply(self, step: str, ids: range | set[int]) -> None:
        for trade_id in ids:
            if step in {"append", "backfill"}:
                self.backfilled.setdefault(trade_id, step == "backfill")
                if trade_id in self.fate:
                    self.fate[trade_id] = "FILLED"
            elif step == "open" and trade_id not in self.backfilled:
                self.fate.setdefault(trade_id, "OPEN")
            elif step == "lose" and self.fate.get(trade_id) == "OPEN":
                self.fate[trade_id] = "LOST"

    def bars(self) -> list[BAR]:
        seconds: dict[int, list[int]] = {}
        every = trades(self.backfilled)
        rows = dict(zip(every.trade_id.tolist(), range(len(every)), strict=True))
        for trade_id in sorted(self.backfilled):
            seconds.setdefault(int(every.time_ms[rows[trade_id]]) // 1_000 * 1_000, []).append(trade_id)
        return [self._bar(start, ids) for start, ids in sorted(seconds.items())]

    def _bar(self, start_ms: int, ids: list[int]) -> BAR:
        inside = trades(ids)
        price, quantity = inside.price.tolist(), inside.quantity.tolist()
        bought = [size for size, maker in zip(quantity, inside.buyer_is_maker, strict=True) if not maker]
        quality = Quality.BACKFILLED if any(self.backfilled[i] for i in ids) else Quality.COMPLETE
        beside = range(ids[0] - 1, ids[-1] + 2)
        starts_late = ids[0] == min(self.backfilled) and ids[0] > 1
        if starts_late or any(self.fate.get(i) in {"OPEN", "LOST"} for i in beside):
            quality = Quality.PARTIAL
        return (
            start_ms, price[0], max(price), min(price), price[-1], sum(quantity), len(ids), sum(bought),
            ids[0], ids[-1], int(quality),
        )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(STEPS)
@example([("append", range(1, 9)), ("append", range(9, 10)), ("reopen", NONE), ("append", range(10, 20))])
# Trade 49 is stamped a second before trade 48.
@example([("append", range(1, 49)), ("flush", NONE), ("append", range(49, 60))])
@example([("append", range(1, 49)), ("flush", NONE), ("append", {49}), ("flush", NONE), ("append", range(50, 60))])
@example([("append", range(90, 99)), ("flush", NONE), ("backfill", {50}), ("flush", NONE), ("append", {99})])
@example([("append", range(1, 6)), ("backfill", range(6, 9)), ("append", range(9, 40))])
def test_the_store_tells_what_the_model_tells(steps: list[tuple[str, range | set[int]]]) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "live.sqlite"
        store = opened(path)
        for step, ids in steps:
            model.apply(step, ids)
            if step in {"append", "backfill"}:
                store.append(SYMBOL, trades(ids), backfilled=step == "backfill")
            elif step == "open":
                assert isinstance(ids, range)
                store.open_gap(Gap(SYMBOL, ids[0], ids[-1], "OPEN", "seen", DAY_MS))
            elif step == "lose":
                assert isinstance(ids, range)
                store.lose_gap(SYMBOL, ids[0], ids[-1], "not there", DAY_MS)
            elif step == "flush":
                store.flush()
                check(store, model)
            else:
                store.close()
                store = opened(path)
                check(store, model)
        store.flush()
        check(store, model)
        store.close()


def opened(path: Path) -> SqlStore:
    return SqlStore(path, venue="test", now_ms=lambda: DAY_MS)


def check(store: SqlStore, model: Model) -> None:
    assert same(store.ticks(SYMBOL, limit=1_000), trades(model.backfilled))
    told = store.gaps(SYMBOL)
    fate = {i: gap.state for gap in told for i in range(gap.first_id, gap.last_id + 1)}
    assert fate == model.fate
    assert sum(gap.last_id - gap.first_id + 1 for gap in told) == len(fate)
    assert rows(store.bars(SYMBOL, Timeframe.S1, start_ms=0, end_ms=DAY_MS * 2)) == model.bars()
    summary = store.summary().get(SYMBOL)
    if summary is not None:
        assert summary.ticks_stored == len(model.backfilled)
        assert summary.first_id == min(model.backfilled, default=None)
        assert summary.last_id == max(model.backfilled, default=None)
        assert summary.gaps_open == sum(gap.state == "OPEN" for gap in told)
        assert summary.gaps_lost == sum(gap.state == "LOST" for gap in told)


def rows(bars: Bars) -> list[BAR]:
    # Quantities are quarters, so their sums are exact in any order.
    columns = (
        bars.start_ms, bars.open, bars.high, bars.low, bars.close, bars.volume, bars.trades, bars.taker_buy_volume,
        bars.first_id, bars.last_id, bars.quality,
    )  # fmt: skip
    return list(zip(*(column.tolist() for column in columns), strict=True))
