"""The preferences: kept by the server, changed on the Settings page or by any button, alike in every open tab.

One callback sets both preferences and controls, because each of them changes the other. What another tab has changed
comes through a second one: a question that is on its way would otherwise lose its answer to it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from dash import Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from analytics.errors import PairwatchError
from analytics.kept import Preferences
from callbacks.door import Door
from layouts import ids
from layouts.pages.settings import CHOICES, NUMBERS, number_text, told_saved
from services.keeping import Keeping

_CONTROLS: Final = CHOICES | NUMBERS
_TOLD: Final = "settings__told"


def register(app: Dash, desk: Door) -> None:
    """Put the callbacks into the app."""
    controls_in = {name: Input(name, "value") for name in _CONTROLS}
    controls_held = {name: State(name, "value") for name in _CONTROLS}

    @app.callback(
        output=_outputs(),
        inputs={
            "wish": Input(ids.PREFER, "data"),
            "controls": controls_in,
            "held": State(ids.PREFERENCES, "data"),
        },
        prevent_initial_call=True,
    )
    async def prefer(wish: Any, controls: dict[str, Any], held: dict[str, Any] | None) -> Any:
        touched = ctx.triggered_id
        try:
            kept, changed = await desk.ask(_kept, desk.keeping, _wanted(touched, wish, controls))
        except PairwatchError as error:
            return _refused(touched, error)
        return _shown(kept, changed, controls, held)

    @app.callback(
        output=_outputs(again=True),
        inputs={
            "_version": Input(ids.KEPT_VERSION, "data"),
            "controls": controls_held,
            "held": State(ids.PREFERENCES, "data"),
        },
        prevent_initial_call=True,
    )
    async def renew(_version: int | None, controls: dict[str, Any], held: dict[str, Any] | None) -> Any:
        kept = await desk.ask(desk.keeping.preferences)
        if asdict(kept) == held:
            raise PreventUpdate
        return _shown(kept, (), controls, held)


def _outputs(*, again: bool = False) -> list[Output]:
    """What both callbacks write. again: for the second of them."""
    return [
        Output(ids.PREFERENCES, "data", allow_duplicate=again),
        *(Output(name, "value", allow_duplicate=again) for name in _CONTROLS),
        *(Output(name, "invalid", allow_duplicate=again) for name in NUMBERS),
        Output(ids.SETTINGS_TOLD, "tree", allow_duplicate=again),
        Output(ids.SETTINGS_TOLD, "className", allow_duplicate=again),
    ]


def _wanted(touched: str | None, wish: dict[str, Any] | None, controls: dict[str, Any]) -> dict[str, Any]:
    """The fields that the user asks for; none where the page only looks."""
    if touched == ids.PREFER and wish:
        return {name: value for name, value in wish.items() if name != "at"}
    return {_CONTROLS[touched]: controls[touched]} if touched is not None and touched in _CONTROLS else {}


def _kept(keeping: Keeping, wanted: dict[str, Any]) -> tuple[Preferences, tuple[str, ...]]:
    """The preferences with these fields, and the names of those that were other before. Raises BadInput, StoreError."""
    before = keeping.preferences()
    after = keeping.change_preferences(wanted) if wanted else before
    return after, tuple(name for name in wanted if getattr(before, name) != getattr(after, name))


def _shown(
    kept: Preferences, changed: tuple[str, ...], controls: dict[str, Any], held: dict[str, Any] | None
) -> tuple[Any, ...]:
    """What the page shows of them: only what it does not show already."""
    fields = asdict(kept)
    values = {
        name: number_text(fields[field]) if name in NUMBERS else fields[field] for name, field in _CONTROLS.items()
    }
    return (
        no_update if fields == held else fields,
        *(no_update if controls[name] == value else value for name, value in values.items()),
        *(False for _ in NUMBERS),
        " ".join(told_saved(name, kept) for name in changed) if changed else no_update,
        f"{_TOLD} {_TOLD}--saved" if changed else no_update,
    )


def _refused(touched: str | None, error: PairwatchError) -> tuple[Any, ...]:
    """The sentence; what was typed stays, marked, and nothing has changed."""
    sentence = f"Not saved: {str(error).rstrip('.')}."
    at_fault = (True if name == touched else no_update for name in NUMBERS)
    return (no_update, *(no_update for _ in _CONTROLS), *at_fault, sentence, f"{_TOLD} {_TOLD}--refused")
