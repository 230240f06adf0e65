"""Archive files as the exchange writes them, made from trades."""

from __future__ import annotations

import gzip
import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from analytics.market import Ticks

HEADER = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs from file to file."""

    header: bool = False
    microseconds: bool = False
    truth: Literal["lower", "title", "upper"] = "lower"
    newline: Literal["\n", "\r\n"] = "\n"
    best_match: bool = False
    last_newline: bool = True
    packing: Literal["plain", "gz", "zip"] = "zip"


def rows_of(ticks: Ticks, dialect: Dialect = Dialect()) -> list[str]:
    """One line a trade, in their order."""
    spelled = {"lower": str.lower, "title": str.title, "upper": str.upper}[dialect.truth]
    rows = []
    for trade_id, time_ms, price, quantity, maker in zip(
        ticks.trade_id.tolist(),
        ticks.time_ms.tolist(),
        ticks.price.tolist(),
        ticks.quantity.tolist(),
        ticks.buyer_is_maker.tolist(),
        strict=True,
    ):
        stamp = time_ms * 1_000 + 123 if dialect.microseconds else time_ms
        row = f"{trade_id},{price!r},{quantity!r},{2 * trade_id},{2 * trade_id + 1},{stamp},{spelled(str(maker))}"
        rows.append(row + (f",{spelled('true')}" if dialect.best_match else ""))
    return rows


def write_archive(
    folder: Path,
    rows: Iterable[str],
    dialect: Dialect = Dialect(),
    name: str = "BTCUSDT-aggTrades-2026-11-01",
) -> Path:
    """A file of these lines."""
    header = [HEADER + (",is_best_match" if dialect.best_match else "")] if dialect.header else []
    lines = [*header, *rows]
    text = (dialect.newline.join(lines) + (dialect.newline if dialect.last_newline and lines else "")).encode()
    path = folder / (name + {"plain": ".csv", "gz": ".csv.gz", "zip": ".zip"}[dialect.packing])
    if dialect.packing == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(f"{name}.csv", text)
    else:
        path.write_bytes(gzip.compress(text) if dialect.packing == "gz" else text)
    return path


def write_checksum(path: Path, digest: str | None = None) -> None:
    """The `.CHECKSUM` beside a file; digest: what it says, where not the truth."""
    digest = digest or hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(path.name + ".CHECKSUM").write_text(f"{digest}  {path.name}\n")
