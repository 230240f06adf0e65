"""One honest try: what counts as an exchange that answers, and what does not."""

from __future__ import annotations

import struct

import pytest

from analytics.errors import SourceUnavailable
from ingest.probe import probe_exchange
from ingest.simulator import LocalExchange
from ingest.weight import WeightBudget
from services.clock import SystemClock
from tests.ingest.scripted import Peer, closing, frame, scripted

CLOCK = SystemClock()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (frame(b"{}"), "something other than market data"),
        (closing(1008), "before it sent any data"),
        (b"", "before it sent any data"),
        (b"\x81\x7f" + struct.pack("!Q", 200 << 20), "1009"),
        (frame(b"x", 0xC1), "1002"),
    ],
)
def test_a_connection_that_brings_no_market_data_is_no_exchange(data: bytes, words: str) -> None:
    def script(peer: Peer) -> None:
        peer.send(frame(b"1", 0x89) + data)
        if data:
            peer.wait_gone()

    with LocalExchange(seed=3) as exchange, scripted(script) as server, pytest.raises(SourceUnavailable, match=words):
        probe_exchange(exchange.rest_url, server.url, "BTCUSDT", CLOCK, WeightBudget(), within_s=10)
