"""Recordings through the same decoder and session as the live exchange."""

import gzip
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from analytics.errors import BadInput
from ingest.events import FeedEvent, NewTicks
from ingest.replay import ReplayFeed, recorded_symbols
from ingest.session import FeedSession
from services.clock import SystemClock
from tests.ingest.wire import agg_trade, combined, raw_trade

CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "data" / "captures"


def capture(name: str) -> Path:
    path = CAPTURES / name
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"the real capture {name} must be there in CI")
        pytest.skip(f"the real capture {name} is not beside this checkout")
    return path


def play(path: Path, *, speed: float | None = None) -> tuple[ReplayFeed, list[FeedEvent]]:
    events: list[FeedEvent] = []
    feed = ReplayFeed(path, FeedSession({}, any_symbol=True), SystemClock(), speed=speed, queue_depth=lambda: 0)
    feed.run(events.append, threading.Event())
    return feed, events


def ticks_of(events: list[FeedEvent], symbol: str) -> tuple[list[int], float]:
    mine = [event.ticks for event in events if isinstance(event, NewTicks) and event.symbol == symbol]
    ids = np.concatenate([ticks.trade_id for ticks in mine])
    return ids.tolist(), float(np.concatenate([ticks.quantity for ticks in mine]).sum())


def test_a_real_capture_gives_each_trade_once_without_a_hole() -> None:
    feed, events = play(capture("usdm_btc_eth_20240719.frames.gz"))
    assert feed.link.state == "FINISHED"
    assert all(isinstance(event, NewTicks) for event in events)
    ids, quantity = ticks_of(events, "BTCUSDT")
    assert ids == list(range(5182005737, 5182016437 + 1))
    assert quantity == pytest.approx(1122.459, abs=1e-6)
    ids, quantity = ticks_of(events, "ETHUSDT")
    assert ids == list(range(4217896584, 4217910238 + 1))
    assert quantity == pytest.approx(10845.688, abs=1e-6)


def test_the_insurance_fund_print_of_a_real_capture_reaches_nobody() -> None:
    feed, events = play(capture("usdm_btc_20230405.frames.gz"))
    ids, _ = ticks_of(events, "BTCUSDT")
    assert 3535191080 not in ids
    prices = np.concatenate([event.ticks.price for event in events if isinstance(event, NewTicks)])
    assert prices.max() < 28_700
    assert feed.session.refused_total == 0


def written(path: Path, lines: list[bytes], *, packed: bool = False) -> Path:
    data = b"\n".join(lines) + b"\n"
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("unit", [1, 10**3, 10**6])
def test_plain_and_packed_files_and_every_unit_of_time_are_read(tmp_path: Path, packed: bool, unit: int) -> None:
    frames = combined(agg_trade(1), agg_trade(2), agg_trade(9, symbol="ETHUSDT"))
    lines = [b"%d %b" % ((1_700_000_000_000 + 10 * i) * unit, frame) for i, frame in enumerate(frames)]
    path = written(tmp_path / "r", lines, packed=packed)
    assert recorded_symbols(path) == ("BTCUSDT", "ETHUSDT")
    _, events = play(path, speed=100)
    assert ticks_of(events, "BTCUSDT")[0] == [1, 2]


def test_a_slow_store_makes_the_replay_wait_instead_of_losing(tmp_path: Path) -> None:
    path = written(tmp_path / "r", [b"1 " + frame for frame in combined(agg_trade(1))])
    depth, asked = [60_000, 60_000, 10, 3, 0], threading.Event()

    def queue_depth() -> int:
        asked.set()
        return depth.pop(0) if len(depth) > 1 else depth[0]

    events: list[FeedEvent] = []
    feed = ReplayFeed(path, FeedSession({}, any_symbol=True), SystemClock(), speed=None, queue_depth=queue_depth)
    feed.run(events.append, threading.Event())
    assert asked.is_set()
    assert depth == [0]
    assert len(events) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello world\n", "line 1"),
        (b'1 {"e":"x"}\n', "no trades"),
        (b"\x1f\x8bbroken", "cannot be read"),
        (b"", "no trades"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_with_the_place(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "r"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=words):
        recorded_symbols(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        recorded_symbols(tmp_path / "nowhere")


def test_a_recording_that_breaks_off_says_so_and_keeps_what_came(tmp_path: Path) -> None:
    import json

    good = json.dumps(raw_trade(1)).encode()
    path = written(tmp_path / "r", [b"1 " + good, b"nonsense"])
    feed, events = play(path)
    assert feed.link.state == "OFFLINE"
    assert "line 2" in (feed.link.reason or "")
    assert events == []
