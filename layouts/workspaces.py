"""The menu of workspaces: named views to go back to, and everything that is kept as a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import dash_bootstrap_components as dbc
from dash import dcc, html

from analytics.kept import ImportPlan, Workspace
from analytics.kept_checks import LONGEST_NAME
from layouts import ids
from layouts.aria import aria, unseen
from layouts.held import Held
from layouts.navigation import PAGES, PAIR
from layouts.pages.settings import WORDS

_NONE: Final = "none"
LARGEST_FILE: Final = 1 << 20  # bytes; an export of fifty full lists is a third of it


def workspaces_menu() -> html.Details:
    """The disclosure before its first answer: no view is known yet."""
    return html.Details(
        [
            html.Summary(
                [html.Span(className="glyph glyph--views", **unseen()), html.Span("Saved")],
                className="rail__link views__summary",
                title="Saved workspaces; export and import",
            ),
            html.Div(
                [
                    html.H2("Workspaces", className="panel__title"),
                    _naming(),
                    html.Ul(id=ids.WORKSPACES, className="views__list"),
                    html.Div(id=ids.WORKSPACE_TOLD, className="views__told", role="status"),
                    _file(),
                    Held(id=ids.WORKSPACE_ACT),
                ],
                className="fit__panel views__panel",
            ),
        ],
        id=ids.WORKSPACE_MENU,
        className="fit views",
    )


def workspace_rows(workspaces: Sequence[Workspace]) -> list[html.Li]:
    """A row a view, newest last; one line that says how to begin where there is none."""
    if not workspaces:
        told = "None yet. A workspace brings back the page, the pair, every option and the watchlist."
        return [html.Li(told, key=_NONE, className="views__none")]
    return [_row(one) for one in workspaces]


def shows(rows: Sequence[Mapping[str, Any]] | None, workspaces: Sequence[Workspace]) -> bool:
    """Whether the rows in the browser are of these views already: to draw them anew would take the focus from them."""
    keys = [_row_key(one) for one in workspaces] or [_NONE]
    return rows is not None and [row["props"].get("key") for row in rows] == keys


def undo_button(removal: int) -> html.Button:
    """Brings back what was just removed or replaced."""
    return html.Button("Undo", className="views__button", **_act("undo", removal=str(removal)))


def plan_told(plan: ImportPlan, file_name: str) -> list[Any]:
    """What a file would change, and the two ways on."""
    lines = [
        (
            "New",
            [
                *_quoted("watchlist", plan.watchlists_added),
                *_quoted("workspace", plan.workspaces_added),
                *_quoted("alert", plan.alerts_added),
            ],
        ),
        (
            "Replaced",
            [*_quoted("watchlist", plan.watchlists_replaced), *_quoted("workspace", plan.workspaces_replaced)],
        ),
        ("Settings that change", [WORDS[name] for name in plan.preferences]),
    ]
    changes = [(word, names) for word, names in lines if names]
    if not changes:
        return [html.P(f"{file_name}: everything in it is here already.", className="views__note")]
    return [
        html.P([html.B(file_name), " would change:"], className="views__note"),
        html.Dl(
            [part for word, names in changes for part in (html.Dt(word), html.Dd(", ".join(names)))],
            className="views__plan",
        ),
        html.P("What it does not name stays.", className="views__note"),
        html.Div(
            [
                html.Button("Take it in", className="button", **_act("take-in")),
                html.Button("Leave it", className="views__button", **_act("leave")),
            ],
            className="views__ways",
        ),
    ]


def described(address: str) -> str:
    """What a view shows, in short: BTCUSDT / ETHUSDT · 1s, or the title of another page."""
    parts = urlsplit(address)
    fields = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    page = next((page for page in PAGES if page.path == parts.path), PAIR)
    told = [] if page == PAIR else [page.title]
    if "pair" in fields and (page.has_controls or not told):
        told.append(fields["pair"].upper().replace("-", " / "))
        told += [fields[name] for name in ("tf",) if name in fields]
    return " · ".join(told) or page.title


def _naming() -> html.Div:
    return html.Div(
        [
            html.Label("Name for a new workspace", htmlFor=ids.WORKSPACE_NAME, className="visually-hidden"),
            dbc.Input(
                id=ids.WORKSPACE_NAME,
                type="text",
                placeholder="name, to save what is in front",
                maxlength=LONGEST_NAME,
                autocomplete="off",
                className="views__name",
            ),
            html.Button("Save", className="button", **_act("save")),
        ],
        className="views__naming",
    )


def _row(workspace: Workspace) -> html.Li:
    name = workspace.name
    facts: dict[str, Any] = {"data-name": name, "data-watchlist": workspace.watchlist}
    return html.Li(
        [
            dcc.Link(
                [html.Span(name, className="views__title"), html.Span(described(workspace.address))],
                href=workspace.address,
                className="views__open",
            ),
            html.Button(
                "✎", title="Rename", className="views__icon", **_act("rename-begin"), **aria(label=f"Rename {name}")
            ),
            html.Button("✕", title="Remove", className="views__icon", **_act("remove"), **aria(label=f"Remove {name}")),
            html.Div(
                [
                    html.Label(
                        [
                            html.Span(f"New name of {name}", className="visually-hidden"),
                            dbc.Input(value=name, type="text", maxlength=LONGEST_NAME, autocomplete="off"),
                        ]
                    ),
                    html.Button("Rename", className="button", **_act("rename")),
                    html.Button("Cancel", className="views__button", **_act("rename-cancel")),
                ],
                className="views__renaming",
            ),
        ],
        # A view that was saved anew is another row: what was typed into its box goes.
        key=_row_key(workspace),
        className="views__row",
        **facts,
    )


def _row_key(workspace: Workspace) -> str:
    return f"{workspace.name}/{workspace.watchlist}/{workspace.saved_ms}"


def _file() -> html.Div:
    return html.Div(
        [
            html.H2("Everything as a file", className="panel__title"),
            html.P(
                "Workspaces, watchlists and settings, to keep or to carry to another machine.", className="views__note"
            ),
            html.Div(
                [
                    html.A("Export", href="/api/kept/export", download="", className="button"),
                    dcc.Upload(
                        html.Span("Import: drop a file here, or choose one"),
                        id=ids.IMPORT_FILE,
                        accept=".json,application/json",
                        max_size=LARGEST_FILE,
                        className="views__drop",
                        className_active="views__drop views__drop--over",
                        className_reject="views__drop views__drop--refused",
                    ),
                ],
                className="views__ways",
            ),
            html.Div(id=ids.IMPORT_PLAN, role="status"),
        ],
        className="views__file",
    )


def _quoted(kind: str, names: Iterable[str]) -> list[str]:
    return [f"{kind} “{name}”" for name in names]


def _act(act: str, **details: str) -> dict[str, Any]:
    return {"data-views": act, **{f"data-{name}": value for name, value in details.items()}}
