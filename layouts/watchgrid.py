"""The grid of all pairs of a list. It is put into its page when that is first seen; the browser moves its rows.

Rows, cells and comparisons are named functions of assets/watchgrid.js: nothing is evaluated from text.
"""

from __future__ import annotations

from typing import Any, Final

import dash_ag_grid as dag

from analytics.definition import Definition
from layouts import ids, terms

GRID_ROWS: Final = f"{ids.GRID}-rows"  # the grid itself, inside of what is in the layout

# field, head, width, what it means
_NUMBERS: Final[tuple[tuple[str, str, int, Definition], ...]] = (
    ("z", "z", 84, terms.ZSCORE),
    ("q", "q", 86, terms.Q_VALUE),
    ("p", "p", 86, terms.ENGLE_GRANGER),
    ("half_life", "Half-life", 96, terms.HALF_LIFE),
    ("correlation", "Correlation", 104, terms.CORRELATION),
    ("beta", "β", 96, terms.HEDGE_RATIO),
    ("clean", "Clean", 84, terms.CLEAN_SHARE),
)
_IN_FILE: Final = ["symbols", *(field for field, *_ in _NUMBERS), "verdict", "headline", "state", "settings"]


def watch_grid() -> Any:
    """The grid, still without rows."""
    return dag.AgGrid(
        id=GRID_ROWS,
        columnDefs=_columns(),
        rowData=[],
        getRowId="params.data.key",
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True, "minWidth": 60},
        columnSize=None,
        dashGridOptions={
            "defaultCsvExportParams": {"fileName": "pairwatch-watchlist.csv", "columnKeys": _IN_FILE},
            "rowHeight": 32,
            "headerHeight": 32,
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
            "suppressCellFocus": False,
            "animateRows": False,
        },
        className="watchgrid__rows",
        style={"height": "100%", "width": "100%"},
    )


def _columns() -> list[dict[str, Any]]:
    z, *others = (_number(*column) for column in _NUMBERS)
    pair = {
        "field": "pair",
        "headerName": "Pair",
        "pinned": "left",
        "width": 142,
        "cellRenderer": "WatchPair",
        "getQuickFilterText": {"function": "watchWords(params)"},
    }
    spark = {
        "field": "spark",
        "headerName": "z trail",
        "headerTooltip": "z over the window",
        "width": 100,
        "sortable": False,
        "cellDataType": False,
        "getQuickFilterText": {"function": "watchNothing(params)"},
        "cellRenderer": "WatchSpark",
    }
    verdict = {
        "field": "verdict",
        "headerName": "Verdict",
        "flex": 1,
        "minWidth": 100,
        "tooltipField": "headline",
        "cellRenderer": "WatchVerdict",
    }
    how = {"field": "settings", "headerName": "Settings", "width": 88}
    state = {"field": "state", "headerName": "State", "width": 122, "cellRenderer": "WatchState"}
    # Never seen: what the file has beside the columns.
    told = [
        {"field": "symbols", "headerName": "Symbols", "hide": True},
        {"field": "headline", "headerName": "Told", "hide": True},
    ]
    return [*told, pair, z, spark, *others[:3], verdict, *others[3:], state, how]


def _number(field: str, head: str, width: int, term: Definition) -> dict[str, Any]:
    return {
        "field": field,
        "headerName": head,
        "headerTooltip": f"{term.name}: {term.line}",
        "width": width,
        "type": "rightAligned",
        "cellRenderer": "WatchNumber",
        "comparator": {"function": "watchOrderZ" if field == "z" else "watchOrder"},
        "sortingOrder": ["desc", "asc", None] if field in {"z", "correlation", "clean"} else ["asc", "desc", None],
    }
