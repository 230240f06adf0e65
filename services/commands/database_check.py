"""The doctor's look into every database of the data folder, in use or not."""

from __future__ import annotations

from collections.abc import Iterator

from services.commands.findings import Finding
from services.data_folder import copies_in, databases_in, kept_database
from settings import Settings
from storage.inspection import StoreReport, inspect
from storage.kept_backup import KeptReport, inspect_kept
from storage.lineage import KEPT

_MIB = 1 << 20
# All of them together, so that an examination stays short beside a large database.
_WITHIN_S = 4.0


def databases(settings: Settings) -> Iterator[Finding]:
    """One finding a database, one for what the user keeps, and one for all the copies of before.

    Whether copies are sound harms nobody.
    """
    paths = databases_in(settings.data_dir)
    for path in paths:
        yield _finding(inspect(path, within_s=_WITHIN_S / len(paths)))
    if not paths:
        yield Finding("ok", "database", f"none in {settings.data_dir} yet")
    yield _kept_finding(inspect_kept(kept_database(settings)))
    copies = copies_in(settings.data_dir)
    if copies:
        size_mib = sum(path.stat().st_size for path in copies) / _MIB
        names = ", ".join(path.name for path in copies)
        yield Finding("ok", "copies", f"{size_mib:.1f} MiB in {names}: remove them when they are no longer wanted")


def _finding(report: StoreReport) -> Finding:
    name = report.path.name
    if not report.database_bytes:
        return Finding("ok", "database", f"{name} is empty")
    if report.refusal is not None:
        found, _, cure = report.refusal.partition("; ")
        return Finding("FAIL", "database", found, cure or "restore a backup, or move it away to start anew")
    if report.soundness not in {None, "ok"}:
        cure = "stop Pairwatch, then python app.py restore FILE, or move it away to start anew"
        return Finding("FAIL", "database", f"{name} is damaged ({report.soundness})", cure)
    return Finding("ok", "database", f"{name}: {_contents(report)}")


def _kept_finding(report: KeptReport) -> Finding:
    if not report.database_bytes:
        return Finding(
            "ok", "kept", "nothing yet: preferences, watchlists, workspaces and alerts begin with the next start"
        )
    if report.refusal is not None:
        found, _, cure = report.refusal.partition("; ")
        return Finding("FAIL", "kept", found, cure or KEPT.repair)
    told = f"{report.watchlists} watchlists with {report.pairs} pairs, {report.workspaces} workspaces, "
    told += f"{report.alerts} alerts, sound"
    return Finding("ok", "kept", f"{report.path.name}: {told}")


def _contents(report: StoreReport) -> str:
    symbols = report.symbols.values()
    told = [
        f"{(report.database_bytes or 0) / _MIB:.1f} MiB",
        f"{sum(symbol.ticks_stored for symbol in symbols)} trades of {len(report.symbols)} symbols",
        f"{sum(symbol.gaps_open for symbol in symbols)} holes open",
        f"{sum(symbol.gaps_lost for symbol in symbols)} lost",
        "sound" if report.soundness == "ok" else "too large to be checked in time",
    ]
    if report.used_by is not None:
        told.append(f"in use by pid {report.used_by}")
    return ", ".join(told)
