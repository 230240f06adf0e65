"""docs/local-exchange.md says what the listing says, and has every fault."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ingest.simulator import LocalExchange
from ingest.simulator.faults import Faults
from ingest.simulator.faults.orders import read_order
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


def fault_rows() -> list[tuple[str, str, str]]:
    """(do, arguments, example) of each row of the table of faults."""
    table = PAGE.read_text().split("\n## Faults\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    return [(row[0].strip("`"), row[1] if len(row) == 4 else "", row[-1].strip("`")) for row in rows]


def test_the_table_has_every_fault_with_its_arguments() -> None:
    methods = {name: method for name, method in inspect.getmembers(Faults, inspect.isfunction) if name[0] != "_"}
    assert sorted(do for do, *_ in fault_rows()) == sorted(set(methods) - {"state"})
    for do, arguments, _ in fault_rows():
        for name in set(inspect.signature(methods[do]).parameters) - {"self"}:
            assert re.search(rf"`{name}`", arguments), (do, name)


def test_every_example_of_the_table_works() -> None:
    with LocalExchange(seed=7) as exchange:
        for do, _, example in fault_rows():
            order: dict[str, Any] = json.loads(example)
            assert order.pop("do") == do
            read_order(example.encode())
            assert getattr(exchange.faults, do)(**order)["ok"] is True
