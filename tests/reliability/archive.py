"""The file that the exchange publishes the next day, made from the model of the market."""

from __future__ import annotations

from collections.abc import Iterable

from tests.reliability.stage import Listed, Stage

_HEADER = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"


def import_command(stage: Stage, lost: Iterable[Listed]) -> list[str]:
    """Write a file for each of these holes; the arguments of `python app.py` that heal them."""
    files = []
    for row in lost:
        file = stage.folder / f"{row.symbol}-aggTrades-2026-11-01-{row.first_id}.csv"
        lines = (line.split(",", 1)[1] for line in stage.untold(row.symbol, row.first_id, row.last_id))
        file.write_text(_HEADER + "".join(lines), encoding="ascii")
        files.append(str(file))
    where = ["--data-dir", str(stage.data_dir), "--source", "live", "--rest-url", stage.exchange.rest_url]
    return ["import", *files, *where]
