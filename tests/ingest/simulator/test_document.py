"""docs/local-exchange.md says what the listing says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.simulator.listing import INSTRUMENTS, Follows, Instrument

PAGE = Path(__file__).parents[3] / "docs" / "local-exchange.md"


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda i: i.symbol)
def test_the_table_tells_how_each_symbol_behaves(instrument: Instrument) -> None:
    (row,) = [line for line in PAGE.read_text().splitlines() if line.startswith(f"| {instrument.symbol} |")]
    assert f"| {instrument.trades_per_day:,} |".replace(",", " ") in row
    behaviour = instrument.behaviour
    if not isinstance(behaviour, Follows):
        assert "wanders" in row
        return
    assert f"follows {behaviour.leader}: slope {behaviour.slope:g}, half-life {behaviour.half_life_s:g} s" in row
    assert f"deviation {behaviour.deviation * 1e4:g} bp" in row
    assert ("breaks every 4 hours" in row) is (behaviour.breaks_every_ms == 4 * 3_600_000)
