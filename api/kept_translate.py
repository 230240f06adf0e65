"""What the user keeps, between the contract and the nouns."""

from __future__ import annotations

from analytics.kept import ImportPlan, Removed, WatchedPair, Watchlist, Workspace
from analytics.pair_document import pair_fields, pair_of
from api.kept_schemas import Changes, ImportOut, PairIn, PairOut, RemovedOut, WatchlistOut, WorkspaceOut
from api.numbers import iso_utc


def pairs_in(pairs: list[PairIn]) -> tuple[WatchedPair, ...]:
    """The rows of a list. Raises BadInput for a pair that cannot be."""
    return tuple(pair_of(pair.model_dump()) for pair in pairs)


def watchlist_answer(watchlist: Watchlist) -> WatchlistOut:
    """A list as the contract writes it."""
    return WatchlistOut(
        name=watchlist.name, pairs=[PairOut.model_validate(pair_fields(pair)) for pair in watchlist.pairs]
    )


def workspace_answer(workspace: Workspace) -> WorkspaceOut:
    """A named view as the contract writes it."""
    return WorkspaceOut(
        name=workspace.name,
        address=workspace.address,
        watchlist=workspace.watchlist,
        saved_at=iso_utc(workspace.saved_ms),
    )


def removed_answer(removed: Removed) -> RemovedOut:
    """What can be brought back, as the contract writes it."""
    return RemovedOut(
        removal=removed.removal, kind=removed.kind, name=removed.name, removed_at=iso_utc(removed.removed_ms)
    )


def import_answer(plan: ImportPlan, *, applied: bool) -> ImportOut:
    """What a file changes, as the contract writes it."""
    return ImportOut(
        applied=applied,
        preferences=list(plan.preferences),
        watchlists=Changes(
            added=list(plan.watchlists_added),
            replaced=list(plan.watchlists_replaced),
            alike=list(plan.watchlists_alike),
        ),
        workspaces=Changes(
            added=list(plan.workspaces_added),
            replaced=list(plan.workspaces_replaced),
            alike=list(plan.workspaces_alike),
        ),
        alerts=Changes(added=list(plan.alerts_added), replaced=[], alike=list(plan.alerts_alike)),
        removal=plan.removal,
    )
