"""The local exchange: a seeded market on loopback that speaks Binance USD-M's routed wire protocol.

It shares no code with the product's own parser, so that each can prove the other wrong. See docs/local-exchange.md.
"""

from ingest.simulator.exchange import LocalExchange
from ingest.simulator.published import PublishedTrades
from ingest.simulator.rules import Rules

__all__ = ["LocalExchange", "PublishedTrades", "Rules"]
