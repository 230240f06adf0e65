"""What the Help page says of states and troubles."""

from __future__ import annotations

from typing import Final

from analytics.status import FeedState

STATES_TOLD: Final[dict[FeedState, str]] = {
    "LIVE": "Data arrive. The numbers are those of this moment.",
    "BACKFILLING": (
        "Live, and a hole behind it is being filled from the exchange's record. "
        "Numbers that reach back into the hole can still change."
    ),
    "DELAYED": "Data arrive, but late. Compare the lag with your bars: a second matters on 1s and not on 1h.",
    "CONNECTING": "No data yet, and not long enough to complain.",
    "STALE": "Data used to arrive and have stopped. The numbers stand still and are greyed; a new connection is tried.",
    "MUTE": (
        "The exchange has accepted the subscription and sends nothing. "
        "Either the symbol does not trade, or the address of the feed is the wrong one."
    ),
    "BLOCKED": "The exchange refuses this place or this address.",
    "OFFLINE": "The exchange cannot be reached.",
    "HALTED": (
        "The trade ids of this symbol went backwards. Nothing is mixed: this symbol stands still until a restart."
    ),
    "FINISHED": "A recording has come to its end.",
}
SOURCES_TOLD: Final[dict[str, str]] = {
    "DEMO": (
        "A market simulated on this machine, as fast as a real one. Good for learning; its prices are nobody's prices."
    ),
    "REPLAY": "A recording is played. The numbers are right for the moment that was recorded.",
}
CURES: Final[dict[str, str]] = {
    "BLOCKED": (
        "The exchange does not serve every country. Use data that you may use: the demo market, a recording, or an "
        "archive that you import. After a ban for too many requests, wait: Data tells when it ends."
    ),
    "STALE or OFFLINE": (
        "Look at this machine's network first. Pairwatch tries again by itself, and fills the hole from the "
        "exchange's record as soon as it is back."
    ),
    "MUTE": (
        "Does the symbol still trade? If no symbol gets data, check PAIRWATCH_MARKET_WS_URL: its path ends in /market."
    ),
    "No numbers, “warming up”": (
        "A window needs its bars. On short bars wait; on long ones the history is fetched, which takes some seconds. "
        "A dash always has its reason beside it."
    ),
    "“No answer from Pairwatch”": (
        "The program on this machine has stopped or is busy. Start it again: an open page goes on by itself."
    ),
    "Holes lost for good": (
        "The exchange keeps about two days of single trades. What was not fetched in that time cannot be filled; "
        "the chart leaves it empty and Data names it."
    ),
    "Not stored yet": "The disk is full or locked. Trades wait in memory and are written as soon as there is room.",
}
