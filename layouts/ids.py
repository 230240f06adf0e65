"""Every id of the page, in one place. A test says that each stands in the layout, and that callbacks use no other."""

from __future__ import annotations

from typing import Final

# What moves the page.
URL: Final = "url"  # the address bar: ?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1
QUERY: Final = "query"  # the view in force, as such an address; None until the first answer
PULSE: Final = "pulse"  # the one timer that asks the server
SECOND: Final = "second"  # the timer of the clock, in the browser only
VERSION: Final = "version"  # {"query", "version"}: changes when there is something new to draw
FEED: Final = "feed"  # {"mark", "word", "second", "listed"}: what is told of the feed now
DRAWN: Final = "drawn"  # the view that the chart's full figure was drawn for
TITLE: Final = "title"  # the part of the tab's title that the analysis knows

# Top bar.
Y: Final = "y-symbol"
X: Final = "x-symbol"
SWAP: Final = "swap-legs"
TIMEFRAME: Final = "timeframe"
WINDOW: Final = "window"
INTERCEPT: Final = "intercept"
NOTICE: Final = "notice"
BADGE: Final = "badge"
CLOCK: Final = "clock"

# Banners.
BANNER: Final = "banner"
LOST: Final = "lost"

# The pair page.
CHART: Final = "chart"
PRICE_READOUT: Final = "price-readout"
SPREAD_READOUT: Final = "spread-readout"
ZSCORE_READOUT: Final = "zscore-readout"
CARDS: Final = "cards"
AGE: Final = "age"
ZSCORE_CARD: Final = "zscore-card"
VERDICT_CARD: Final = "verdict-card"
HEDGE_CARD: Final = "hedge-card"
SPREAD_CARD: Final = "spread-card"
CORRELATION_CARD: Final = "correlation-card"
ADF_CARD: Final = "adf-card"
WATCHED: Final = "watched"
ADF_RUN: Final = "adf-run"
ADF_RESULT: Final = "adf-result"
FOOT: Final = "foot"
