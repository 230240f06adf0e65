"""The `exchangeInfo` document: what is listed, with every filter that a client library looks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ingest.simulator.calendar import OPENING_MS
from ingest.simulator.listing import Instrument, decimal_text

_NEVER_MS = 4_133_404_800_000  # delivery date of a perpetual
_MAX_PRICE_FACTOR = 100
_MAX_QUANTITY_NOTIONAL = 50_000_000
_MIN_NOTIONAL = "5"


def exchange_info(instruments: Iterable[Instrument], now_ms: int, weight_per_minute: int) -> dict[str, Any]:
    """The whole document."""
    return {
        "exchangeFilters": [],
        "rateLimits": [
            {"interval": "MINUTE", "intervalNum": 1, "limit": weight_per_minute, "rateLimitType": "REQUEST_WEIGHT"},
            {"interval": "MINUTE", "intervalNum": 1, "limit": 1_200, "rateLimitType": "ORDERS"},
        ],
        "serverTime": now_ms,
        "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
        "symbols": [_symbol(instrument) for instrument in instruments],
        "timezone": "UTC",
    }


def _symbol(instrument: Instrument) -> dict[str, Any]:
    return {
        "symbol": instrument.symbol,
        "pair": instrument.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": _NEVER_MS,
        "onboardDate": OPENING_MS,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": instrument.base,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": instrument.price_decimals,
        "quantityPrecision": instrument.quantity_decimals,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"] if instrument.base in {"BTC", "LTC", "BCH", "DOGE"} else ["Layer-1"],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": _filters(instrument),
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }


def _filters(instrument: Instrument) -> list[dict[str, Any]]:
    tick = instrument.price_text(instrument.tick_units)
    step = instrument.quantity_text(1)
    most = decimal_text(round(_MAX_QUANTITY_NOTIONAL / instrument.anchor), 0)
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": tick,
            "maxPrice": f"{instrument.anchor * _MAX_PRICE_FACTOR:.{instrument.price_decimals}f}",
            "tickSize": tick,
        },
        {"filterType": "LOT_SIZE", "minQty": step, "maxQty": most, "stepSize": step},
        {"filterType": "MARKET_LOT_SIZE", "minQty": step, "maxQty": most, "stepSize": step},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
        {"filterType": "MIN_NOTIONAL", "notional": _MIN_NOTIONAL},
        {"filterType": "PERCENT_PRICE", "multiplierUp": "1.0500", "multiplierDown": "0.9500", "multiplierDecimal": "4"},
    ]
