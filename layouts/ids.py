"""Every id of the page, in one place. A test says that each stands in the layout, and that callbacks use no other."""

from __future__ import annotations

from typing import Final

# What moves the page.
URL: Final = "url"  # the address bar: ?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1
QUERY: Final = "query"  # the view in force, as such an address; None until the first answer
PULSE: Final = "pulse"  # the one timer that asks the server
VERSION: Final = "version"  # {"query", "version"}: changes when there is something new to draw
# {"mark", "word", "stale", "second", "listed", "lost", "states", "said"}: what is told of the feed now
FEED: Final = "feed"
DRAWN: Final = "drawn"  # the view that the chart's full figure was drawn for
TITLE: Final = "title"  # the part of the tab's title that the analysis knows

# The pages. All are always in the layout; the address says which one is seen (layouts/navigation.py).
SHELL: Final = "shell"
ROUTES: Final = "routes"  # what the browser knows of the pages
PAGE: Final = "page"  # the name of the page in front; None before the first answer
LOOK: Final = "look"  # {"theme", "colours", "zone", "offset"}: how everything is drawn
PREFERENCES: Final = "preferences"  # what is kept of them on the server
PREFER: Final = "prefer"  # {field: value, ..., "at"}: what the user wants changed
ALL_TESTS: Final = "all-tests"  # the verdict's way to Diagnostics
TO_PAIR: Final = "to-pair"
TO_WATCHLIST: Final = "to-watchlist"
TO_ALERTS: Final = "to-alerts"
TO_DIAGNOSTICS: Final = "to-diagnostics"
TO_DATA: Final = "to-data"
TO_SETTINGS: Final = "to-settings"
TO_HELP: Final = "to-help"

# Top bar.
PAIR: Final = "pair-button"
SWAP: Final = "swap-legs"
TIMEFRAME: Final = "timeframe"
WINDOW: Final = "window"
FIT_LABEL: Final = "fit-label"  # the fit in force, in the menu's summary
HEDGE: Final = "hedge-method"
RATIO: Final = "fixed-ratio"
SCALE: Final = "price-scale"
INTERCEPT: Final = "intercept"
CORRELATION: Final = "correlation-kind"
NOTICE: Final = "notice"
BADGE: Final = "badge"
BADGE_MORE: Final = "badge-more"  # both legs, told when the badge is pressed
BADGE_PANEL: Final = "badge-panel"
CLOCK: Final = "clock"

# The keyboard.
KEYS: Final = "keys"  # the table that the browser acts upon
KEYS_SHEET: Final = "keys-sheet"
KEY_HINT: Final = "key-hint"  # what can follow the first key of two

# The symbol search.
SEARCH: Final = "search"
SEARCH_BOX: Final = "search-box"
SEARCH_TOLD: Final = "search-told"
SEARCH_LIST: Final = "search-list"
LISTED: Final = "listed"  # [[symbol, base, quote], ...] of all that the exchange lists
STATES: Final = "states"  # {symbol: [state, tone, shape]} of the watched ones
FAVOURITES: Final = "favourites"  # the pairs of every watchlist, pinned ones first
RECENT: Final = "recent"  # the pairs that this browser has shown, newest first
STAR: Final = "star"  # {"pair", "at"}: whose star was pressed
STAR_TOLD: Final = "star-told"

# Banners.
BANNER: Final = "banner"
LOST: Final = "lost"

# What of the pair is lost for good.
LOSSES: Final = "losses"  # {symbol: holes lost} of the two legs: changes when there is something new to tell
LOSS: Final = "loss"
LOSS_TOLD: Final = "loss-told"
LOSS_KEY: Final = "loss-key"  # names the set of holes that is told of
LOSS_CLOSE: Final = "loss-close"
LOSS_CLOSED: Final = "loss-closed"  # the keys that this browser has closed

# The pair page.
CHART: Final = "chart"
DRAWING: Final = "drawing"  # the figure as the server tells it; the browser adds the ranges and shows it
PAUSED: Final = "paused"  # since when chart and read-outs are held still, in epoch ms; None while they move
CHART_OVER: Final = "chart-over"  # what the browser itself draws over the chart
CHART_SURFACE: Final = "chart-surface"  # where a hand or a key reads and moves the chart
CHART_MENU: Final = "chart-menu"
CHART_NEWEST: Final = "chart-newest"
CHART_PAUSED: Final = "chart-paused"
CHART_SAID: Final = "chart-said"  # what a screen reader is told of the cursor
CHART_TOLD: Final = "chart-told"  # what a choice in the menu has done, for a moment
HEADERS: Final = {  # above each pane: its read-out, and what the cursor reads
    "prices": "prices-header",
    "spread": "spread-header",
    "zscore": "zscore-header",
    "correlation": "correlation-header",
    "hedge": "hedge-header",
}
READOUTS: Final = {
    "prices": "prices-readout",
    "spread": "spread-readout",
    "zscore": "zscore-readout",
    "correlation": "correlation-readout",
    "hedge": "hedge-readout",
}
CHART_CONTROLS: Final = "chart-controls"
CHART_CANDLES: Final = "chart-candles"
CHART_REBASED: Final = "chart-rebased"
CHART_CORRELATION: Final = "chart-correlation"
CHART_HEDGE: Final = "chart-hedge"
CHART_MARKS: Final = "chart-marks"
CHART_PNG: Final = "chart-png"
CHART_CSV: Final = "chart-csv"
CHART_SAVED: Final = "chart-saved"  # what a screen reader is told of a picture that was saved
CSV_WANTED: Final = "csv-wanted"  # {"from", "to", "at"}: what is seen of the chart, UTC ms
CSV_FILE: Final = "csv-file"
CARDS: Final = "cards"
AGE: Final = "age"
ZSCORE_CARD: Final = "zscore-card"
VERDICT_CARD: Final = "verdict-card"
HEDGE_CARD: Final = "hedge-card"
SPREAD_CARD: Final = "spread-card"
CORRELATION_CARD: Final = "correlation-card"
ADF_CARD: Final = "adf-card"
COSTS_CARD: Final = "costs-card"
COSTS_TIMER: Final = "costs-timer"
COSTED: Final = "costed"  # a mark of what the card of costs shows
AT_LEVEL: Final = "at-level"  # the foot of the right column: pairs beyond their entry level
ADF_DIALOG: Final = "adf-dialog"
ADF_RUN: Final = "adf-run"
ADF_RESULT: Final = "adf-result"
FOOT: Final = "foot"

# The watchlist, beside the chart and on its own page.
GLANCE_TIMER: Final = "glance-timer"
WATCHLIST: Final = "watchlist"  # the name of the list that is shown; None for the first
GLANCES: Final = "glances"  # {"list", "lists", "keys", "present", "entry", "now", "rows"}: rows that have changed
GLANCED: Final = "glanced"  # {"head", "rows"}: marks of what this page has been told
WATCH: Final = "watch"  # {"do", ..., "at"}: what the user asks of the list
LIST_DONE: Final = "list-done"  # {"told", "wrong", "removal", "at"}: what came of it
LIST_NAME: Final = "list-name"
LIST_ADD: Final = "list-add"
LIST_FILTER: Final = "list-filter"
LIST_NEW_NAME: Final = "list-new-name"
LIST_P: Final = "list-p"  # shows p in the place of q
LIST_TOLD: Final = "list-told"
LIST_ROWS: Final = "list-rows"
LEVELS: Final = "levels"  # the pairs beyond their entry level
LEVELS_COUNT: Final = "levels-count"
GRID: Final = "watch-grid"  # where the grid of all pairs comes to stand
GRID_FILTER: Final = "grid-filter"
GRID_CSV: Final = "grid-csv"
GRID_NOTE: Final = "grid-note"

# Alerts: on every page, and their own.
ALERT_VERSION: Final = "alert-version"  # a number that grows with whatever a page must tell of alerts
ALERT_HEARD: Final = "alert-heard"  # up to where this page has heard the news of them
ALERT_NEWS: Final = "alert-news"  # {"firing", "told", "missed"}: what fires now, and what has just been told
ALERT_BANNER: Final = "alert-banner"
ALERT_TOASTS: Final = "alert-toasts"
ALERT_FIRING: Final = "alert-firing"  # what fires now, in the foot of the right column
ALERT_WISH: Final = "alert-wish"  # {"do", ..., "at"}: what the user wants done
ALERT_DONE: Final = "alert-done"  # {"told", "wrong", "removal", "draft", "refused", "at"}: what came of it
ALERT_TRIAL: Final = "alert-trial"  # {"draft", "at"}: a form whose record is asked for
ALERT_TRIED: Final = "alert-tried"  # {"words", "marks", "at"}
ALERT_FORM: Final = "alert-form"
ALERT_CHANNEL_FORM: Final = "alert-channel-form"
ALERTS_TIMER: Final = "alerts-timer"
ALERT_VIEW: Final = "alert-view"  # {"sort", "down", "find", "rule", "kind", "before"}: what the page shows
ALERT_SHOWN: Final = "alert-shown"  # {part: mark} of what it shows now
ALERT_NOTE: Final = "alert-note"
ALERT_TOLD: Final = "alert-told"
ALERT_FIND: Final = "alert-find"
ALERT_ROWS: Final = "alert-rows"
ALERT_HISTORY_HEAD: Final = "alert-history-head"
ALERT_HISTORY: Final = "alert-history"
ALERT_CHANNELS: Final = "alert-channels"
ALERT_SOUND: Final = "alert-sound"
ALERT_DESKTOP: Final = "alert-desktop"
ALERT_HERE: Final = "alert-here"  # what this browser does when something fires

# The Data page.
DATA_TIMER: Final = "data-timer"
TOLD: Final = "told"  # {section: mark} of what it shows now
AS_OF: Final = "as-of"
SYMBOLS: Final = "symbols"
WATCH_INPUT: Final = "watch-input"
WATCH_LISTED: Final = "watch-listed"
WATCH_ADD: Final = "watch-add"
WATCH_TOLD: Final = "watch-told"
UNWATCH: Final = "unwatch"  # {"symbol", "at"}: whose remove button was pressed
LINKS: Final = "links"
ALLOWANCE: Final = "allowance"
STORE: Final = "store"
EXPORT_SYMBOL: Final = "export-symbol"
EXPORT_TIMEFRAME: Final = "export-timeframe"
EXPORT_LIMIT: Final = "export-limit"
EXPORT_LINK: Final = "export-link"
HOLES_SYMBOL: Final = "holes-symbol"
HOLES_STATE: Final = "holes-state"
HOLES_SUMMARY: Final = "holes-summary"
HOLES: Final = "holes"
ASIDE: Final = "aside"

# The Diagnostics page: how the legs hang together.
RELATE_TIMER: Final = "relate-timer"
RELATED: Final = "related"  # {"view", "version", "kinds"} of what it shows now
RELATION_HEAD: Final = "relation-head"
RELATION_AGE: Final = "relation-age"
RELATION_BODY: Final = "relation-body"
RELATION_TABLE: Final = "relation-table"
RESIDUAL_PLOT: Final = "residual-plot"
RESIDUAL_TOLD: Final = "residual-told"
RATIO_PLOT: Final = "ratio-plot"
RATIO_TOLD: Final = "ratio-told"
PVALUE_PLOT: Final = "pvalue-plot"
PVALUE_TOLD: Final = "pvalue-told"
SCATTER_PLOT: Final = "scatter-plot"
SCATTER_TOLD: Final = "scatter-told"
ACF_PLOT: Final = "acf-plot"
ACF_TOLD: Final = "acf-told"
QQ_PLOT: Final = "qq-plot"
QQ_TOLD: Final = "qq-told"

# What the user keeps, and the Settings page.
KEPT_VERSION: Final = "kept-version"  # a number that grows with every change of what is kept, in any tab
THEME: Final = "theme-choice"
COLOURS: Final = "colours-choice"
ZONE_CHOICE: Final = "zone-choice"
TAKER_FEE: Final = "taker-fee"
MAKER_FEE: Final = "maker-fee"
ENTRY_LEVEL: Final = "entry-level"
EXIT_LEVEL: Final = "exit-level"
STOP_LEVEL: Final = "stop-level"
SETTINGS_TOLD: Final = "settings-told"

# The menu of workspaces, which the page calls views.
WORKSPACE_MENU: Final = "workspace-menu"
WORKSPACES: Final = "workspaces"
WORKSPACE_NAME: Final = "workspace-name"
WORKSPACE_ACT: Final = "workspace-act"  # {"act", ..., "at"}: what the user does in the menu
WORKSPACE_TOLD: Final = "workspace-told"
IMPORT_FILE: Final = "import-file"
IMPORT_PLAN: Final = "import-plan"

# The Help page.
STEPS: Final = "steps"  # the first steps that are done
STEPS_DONE: Final = "steps-done"
HELP_TOLD: Final = "help-told"
GLOSSARY: Final = "glossary"
GLOSSARY_WANTED: Final = "glossary-wanted"  # true once the page has been looked at
GLOSSARY_SHOWN: Final = "glossary-shown"  # whether it has come
GLOSSARY_FILTER: Final = "glossary-filter"
GLOSSARY_FOUND: Final = "glossary-found"


def every() -> frozenset[str]:
    """All ids of this file."""
    named = [value for name, value in globals().items() if name.isupper()]
    tables = [value for value in named if isinstance(value, dict)]
    return frozenset(value for value in named if isinstance(value, str)).union(*(table.values() for table in tables))
