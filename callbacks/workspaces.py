"""The menu of workspaces: what the user does there, and what comes in as a file."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from dash import Dash, Input, Output, State, ctx, no_update

from analytics.errors import BadInput, PairwatchError
from analytics.kept import ImportPlan
from callbacks.door import Door
from layouts import ids
from layouts.workspaces import plan_told, shows, undo_button, workspace_rows
from services.keeping import Keeping

_TOLD: Final = "views__told"


def register(app: Dash, desk: Door) -> None:
    """Put the callback into the app."""

    @app.callback(
        Output(ids.WORKSPACES, "children"),
        Output(ids.WORKSPACE_NAME, "value"),
        Output(ids.IMPORT_FILE, "contents"),
        Output(ids.IMPORT_PLAN, "tree"),
        Output(ids.WORKSPACE_TOLD, "tree"),
        Output(ids.WORKSPACE_TOLD, "className"),
        Input(ids.KEPT_VERSION, "data"),
        Input(ids.WORKSPACE_ACT, "data"),
        Input(ids.IMPORT_FILE, "contents"),
        State(ids.IMPORT_FILE, "filename"),
        State(ids.WATCHLIST, "data"),
        State(ids.WORKSPACES, "children"),
    )
    async def keep(_version: Any, act: Any, file: str | None, file_name: str | None, shown: Any, rows: Any) -> Any:
        wish = _Wish(desk.keeping, act or {}, file, file_name or "the file", shown, rows)
        try:
            return await desk.ask(_answered, wish, ctx.triggered_id)
        except PairwatchError as error:
            sentence = f"{str(error)[0].upper()}{str(error)[1:].rstrip('.')}."
            return (*(no_update,) * 2, None, None, sentence, f"{_TOLD} {_TOLD}--refused")


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the user asks for. file: as the browser hands it over.  shown: the list beside the view; None: the first.

    rows: of the menu, as the browser holds them.
    """

    keeping: Keeping
    act: dict[str, Any]
    file: str | None
    file_name: str
    shown: str | None
    rows: Any


def _answered(wish: _Wish, touched: str | None) -> tuple[Any, ...]:
    """What the menu shows, in the order of the outputs. Raises BadInput, StoreError."""
    if touched == ids.IMPORT_FILE and wish.file is not None:
        plan = wish.keeping.plan_import(_text_of(wish.file))
        return (*(no_update,) * 3, plan_told(plan, wish.file_name), None, _TOLD)
    if touched != ids.WORKSPACE_ACT:
        return (_rows(wish), *(no_update,) * 5)
    told = _ACTS[wish.act["act"]](wish)
    name = "" if wish.act["act"] == "save" else no_update
    return _rows(wish), name, None, None, told, _TOLD


def _rows(wish: _Wish) -> Any:
    """The rows of the menu, where the browser does not hold them already."""
    workspaces = wish.keeping.workspaces()
    return no_update if shows(wish.rows, workspaces) else workspace_rows(workspaces)


def _saved(wish: _Wish) -> Any:
    beside = wish.shown or wish.keeping.watchlists()[0].name
    known = {one.name for one in wish.keeping.workspaces()}
    saved = wish.keeping.put_workspace(wish.act["name"], wish.act["address"], beside)
    return f"“{saved.name}” now opens this view." if saved.name in known else f"Saved as “{saved.name}”."


def _renamed(wish: _Wish) -> Any:
    renamed = wish.keeping.rename_workspace(wish.act["name"], wish.act["new_name"])
    return f"“{wish.act['name']}” is called “{renamed.name}” now."


def _removed(wish: _Wish) -> Any:
    gone = wish.keeping.remove_workspace(wish.act["name"])
    return [f"“{gone.name}” is removed. ", undo_button(gone.removal)]


def _undone(wish: _Wish) -> Any:
    back = wish.keeping.bring_back(int(wish.act["removal"]))
    return f"As before: {back.name}." if back.kind == "replaced" else f"“{back.name}” is back."


def _taken_in(wish: _Wish) -> Any:
    if wish.file is None:
        raise BadInput("the file is not here any more; choose it again")
    plan = wish.keeping.take_in(_text_of(wish.file))
    told = f"{wish.file_name} is taken in{_counted(plan)}. "
    return told if plan.removal is None else [told, undo_button(plan.removal)]


def _left(_wish: _Wish) -> Any:
    return None


_ACTS: Final[dict[str, Callable[[_Wish], Any]]] = {
    "save": _saved,
    "rename": _renamed,
    "remove": _removed,
    "undo": _undone,
    "take-in": _taken_in,
    "leave": _left,
}


def _counted(plan: ImportPlan) -> str:
    new = len(plan.watchlists_added) + len(plan.workspaces_added) + len(plan.alerts_added)
    replaced = len(plan.watchlists_replaced) + len(plan.workspaces_replaced)
    told = [f"{count} {word}" for count, word in ((new, "new"), (replaced, "replaced")) if count]
    return f": {', '.join(told)}" if told else ""


def _text_of(contents: str) -> bytes:
    """The bytes of a dropped file. Raises BadInput."""
    try:
        return b64decode(contents.partition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("the file could not be read; choose it again") from error
