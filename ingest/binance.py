"""The wire format of Binance USD-M futures: addresses, stream names, and the typed decode of a batch of messages.

The only file that knows the exchange's JSON. Field names are the exchange's own; docs/exchange.md says where they
are described. Unknown fields are ignored, unknown events and broken rows are set aside with a reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Annotated

import msgspec
import numpy as np

from analytics.market import Ticks
from ingest.doubled import doubled_name, may_hold_doubled_names
from ingest.events import Acknowledged, BookTop, Complaint, Decoded, MarkPrice, Refused, TradeKind, Trades

# float() would also take "1_000", " 12 ", "nan" and "1e400"; the exchange writes plain decimals only.
Decimal = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,18}(\.[0-9]{1,18})?\Z")]
SignedDecimal = Annotated[str, msgspec.Meta(pattern=r"\A-?[0-9]{1,18}(\.[0-9]{1,18})?\Z")]
Whole = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53))]
SymbolName = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]

_DECIMAL = r"[0-9]{1,18}(?:\.[0-9]{1,18})?"
_ONE_DECIMAL = re.compile(_DECIMAL)
_DECIMALS = re.compile(f"{_DECIMAL}(?:\n{_DECIMAL})*")

# A row that cannot be decoded is still counted for its symbol, where it names one.
_SYMBOL_IN = re.compile(rb'"s"\s*:\s*"([A-Za-z0-9_]{1,40})"')
_SAMPLE_BYTES = 200
_ADDRESS_BYTES = 4_000
_USD_MARGINED = 1


# Trades are the many: their prices stay text here and are checked in one go for the whole column (`_plain_decimals`).
class _AggTrade(msgspec.Struct, tag_field="e", tag="aggTrade", gc=False):
    trade_id: Whole = msgspec.field(name="a")
    s: SymbolName
    p: str
    q: str
    T: Whole
    E: Whole
    m: bool
    st: int = _USD_MARGINED


class _Trade(msgspec.Struct, tag_field="e", tag="trade", gc=False):
    trade_id: Whole = msgspec.field(name="t")
    s: SymbolName
    p: str
    q: str
    T: Whole
    E: Whole
    m: bool
    X: str
    st: int = _USD_MARGINED


class _MarkPriceUpdate(msgspec.Struct, tag_field="e", tag="markPriceUpdate", gc=False):
    s: SymbolName
    E: Whole
    p: Decimal
    i: Decimal
    r: SignedDecimal | None
    T: Whole


class _BookTicker(msgspec.Struct, tag_field="e", tag="bookTicker", gc=False):
    s: SymbolName
    u: Whole
    E: Whole
    b: Decimal
    B: Decimal
    a: Decimal
    A: Decimal


class _ServerShutdown(msgspec.Struct, tag_field="e", tag="serverShutdown", gc=False):
    E: Whole = 0


_Event = _AggTrade | _Trade | _MarkPriceUpdate | _BookTicker | _ServerShutdown


class _Wrapped(msgspec.Struct, gc=False):
    data: _Event


class _Shape(msgspec.Struct):
    """Just enough of any message to tell what it is."""

    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    event: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    e: object = None
    result: list[str] | msgspec.UnsetType | None = msgspec.UNSET
    id: int | None = None
    code: int | msgspec.UnsetType = msgspec.UNSET
    msg: str = ""
    error: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_wrapped_batch = msgspec.json.Decoder(list[_Wrapped])
_bare_batch = msgspec.json.Decoder(list[_Event])
_event = msgspec.json.Decoder(_Event)
_shape = msgspec.json.Decoder(_Shape)
_complaint = msgspec.json.Decoder(_Shape)
_encoder = msgspec.json.Encoder()

# ValueError: of the standard library's decoder, which looks once more at what this one has refused or accepted alone.
_Undecodable = (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError)


def trade_stream(symbol: str) -> str:
    """Name of the aggregate trade stream (market route)."""
    return f"{symbol.lower()}@aggTrade"


def heartbeat_stream(symbol: str) -> str:
    """Name of the one-second mark price stream (market route): the only periodic one beside the trades."""
    return f"{symbol.lower()}@markPrice@1s"


def combined_url(route_url: str, streams: Iterable[str]) -> str:
    """Address of a combined connection; naming the streams here spares the SUBSCRIBE budget and its ack state."""
    return f"{route_url.rstrip('/')}/stream?streams={'/'.join(streams)}"


def fitting_address(route_url: str, symbols: tuple[str, ...]) -> tuple[str, ...]:
    """The first of these symbols whose streams one address can name, at least one; the others are subscribed to later.

    Servers and proxies have limits of their own for the first line of a request; 8 kB are usual, we keep to half.
    """
    length = len(combined_url(route_url, ()))
    for number, symbol in enumerate(symbols):
        length += len(trade_stream(symbol).encode()) + len(heartbeat_stream(symbol).encode()) + 2
        if length > _ADDRESS_BYTES and number:
            return symbols[:number]
    return symbols


def subscribe_request(streams: Sequence[str], request_id: int, *, unsubscribe: bool = False) -> bytes:
    """A SUBSCRIBE or UNSUBSCRIBE message."""
    method = "UNSUBSCRIBE" if unsubscribe else "SUBSCRIBE"
    return _encoder.encode({"method": method, "params": list(streams), "id": request_id})


def decode(messages: Sequence[bytes]) -> Decoded:
    """Everything that a batch of messages says, combined or raw. Never raises: what is broken comes back as `refused`.

    One typed decode for the whole batch; only if that fails is each message looked at alone, so that one bad message
    costs its neighbours nothing.
    """
    if not messages:
        return Decoded()
    batch = b"[" + b",".join(messages) + b"]"
    events: list[_Event]
    ill_formed = not batch.isascii() and not all(_is_text(message) for message in messages)
    answers: list[Acknowledged | Complaint] = []
    refused: list[Refused] = []
    try:
        if messages[0].startswith(b'{"stream"'):
            events = [wrapped.data for wrapped in _wrapped_batch.decode(batch)]
        else:
            events = _bare_batch.decode(batch)
        # "},{" inside one message would make two of it; then the batch proves nothing about single messages.
        one_by_one = len(events) != len(messages) or _is_suspect(batch, messages, events)
    except _Undecodable:
        one_by_one = True
    if one_by_one or ill_formed:
        events = []
        for message in messages:
            _decode_alone(message, events, answers, refused)
    return _sorted_out(events, answers, refused, len(messages), ill_formed=ill_formed)


def _is_suspect(batch: bytes, messages: Sequence[bytes], events: list[_Event]) -> bool:
    kinds = list(map(type, events))
    if _AggTrade not in kinds:
        return False
    others = [message for message, kind in zip(messages, kinds, strict=True) if kind is not _AggTrade]
    return may_hold_doubled_names(batch, messages, messages[kinds.index(_AggTrade)], others)


def _decode_alone(
    message: bytes, events: list[_Event], answers: list[Acknowledged | Complaint], refused: list[Refused]
) -> None:
    try:
        shape = _shape.decode(message)
        if name := doubled_name(message):
            raise msgspec.ValidationError(f"the name {name[:20]!r} stands twice")
        if shape.error is not msgspec.UNSET:
            shape = _complaint.decode(shape.error)
        if shape.code is not msgspec.UNSET:
            answers.append(Complaint(shape.code, shape.msg))
        elif shape.data is not msgspec.UNSET:
            events.append(_event.decode(shape.data))
        elif shape.event is not msgspec.UNSET:
            events.append(_event.decode(shape.event))
        elif shape.result is not msgspec.UNSET:
            answers.append(Acknowledged(shape.id, None if shape.result is None else tuple(shape.result)))
        else:
            events.append(_event.decode(message))
    except _Undecodable as error:
        named = _SYMBOL_IN.search(message[: _SAMPLE_BYTES * 2])
        symbol = named[1].decode("ascii") if named is not None else None
        refused.append(Refused(_reason(error), message[:_SAMPLE_BYTES], symbol))


def _is_text(message: bytes) -> bool:
    try:
        message.decode()
    except UnicodeDecodeError:
        return False
    return True


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return str(error)


def _sorted_out(
    events: list[_Event],
    answers: list[Acknowledged | Complaint],
    refused: list[Refused],
    messages: int,
    *,
    ill_formed: bool,
) -> Decoded:
    aggregate: defaultdict[str, list[_AggTrade]] = defaultdict(list)
    single: defaultdict[str, list[_Trade]] = defaultdict(list)
    marks: dict[str, MarkPrice] = {}
    books: dict[str, BookTop] = {}
    ending = False
    for event in events:
        if isinstance(event, _AggTrade):
            aggregate[event.s].append(event)
        elif isinstance(event, _Trade):
            single[event.s].append(event)
        elif isinstance(event, _MarkPriceUpdate):
            marks[event.s] = MarkPrice(event.s, event.E, float(event.p), float(event.i), float(event.r or 0.0), event.T)
        elif isinstance(event, _BookTicker):
            books[event.s] = BookTop(
                event.s, event.E, event.u, float(event.b), float(event.B), float(event.a), float(event.A)
            )
        else:
            ending = True
    trades = [_columns(symbol, "aggTrade", rows, [], refused) for symbol, rows in aggregate.items()]
    for symbol, prints in single.items():
        market = [row for row in prints if row.X == "MARKET"]
        excluded = [row for row in prints if row.X != "MARKET"]
        trades.append(_columns(symbol, "trade", market, excluded, refused))
    return Decoded(
        tuple(trades),
        tuple(marks.values()),
        tuple(books.values()),
        tuple(answers),
        tuple(refused),
        messages,
        ending,
        ill_formed,
    )


def _columns(
    symbol: str,
    kind: TradeKind,
    rows: Sequence[_AggTrade | _Trade],
    excluded: Sequence[_Trade],
    refused: list[Refused],
) -> Trades:
    event_ms = max(row.E for row in chain(rows, excluded))
    texts = [row.p for row in rows]
    texts += [row.q for row in rows]
    if not _plain_decimals(texts):
        rows = _with_plain_decimals(symbol, rows, refused)
        texts = [row.p for row in rows] + [row.q for row in rows]
    numbers = np.array([float(text) for text in texts], np.float64)
    ticks = Ticks(
        trade_id=np.array([row.trade_id for row in rows], np.int64),
        time_ms=np.array([row.T for row in rows], np.int64),
        price=numbers[: len(rows)],
        quantity=numbers[len(rows) :],
        buyer_is_maker=np.array([row.m for row in rows], np.bool_),
    )
    good = (ticks.price > 0) & (ticks.quantity > 0) & np.array([row.st == _USD_MARGINED for row in rows], np.bool_)
    if not good.all():
        for at in np.flatnonzero(~good):
            row = rows[int(at)]
            reason = "not a USD-margined trade" if row.st != _USD_MARGINED else "price or quantity is not above zero"
            refused.append(Refused(reason, _encoder.encode(row)[:_SAMPLE_BYTES], symbol))
        ticks = ticks.rows(good)
    return Trades(symbol, kind, ticks, event_ms, np.array([row.trade_id for row in excluded], np.int64))


def _plain_decimals(texts: list[str]) -> bool:
    joined = "\n".join(texts)
    # The count unmasks a number that carries a line break of its own.
    return _DECIMALS.fullmatch(joined) is not None and joined.count("\n") == len(texts) - 1


def _with_plain_decimals(
    symbol: str, rows: Sequence[_AggTrade | _Trade], refused: list[Refused]
) -> list[_AggTrade | _Trade]:
    plain = []
    for row in rows:
        if _ONE_DECIMAL.fullmatch(row.p) and _ONE_DECIMAL.fullmatch(row.q):
            plain.append(row)
        else:
            refused.append(
                Refused("price or quantity is not a plain decimal", _encoder.encode(row)[:_SAMPLE_BYTES], symbol)
            )
    return plain
