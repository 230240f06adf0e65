"""The control messages of a WebSocket connection: text in, reply out, and what it subscribes to in between."""

from __future__ import annotations

from typing import Any

import msgspec

_METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")


class Refused(Exception):
    """A control message that the exchange answers with an error object. `code` and `reason` are what it says."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


class Subscriptions:
    """What one connection asked for: every acknowledged name, in order, whether or not such a stream exists."""

    def __init__(self, names: tuple[str, ...], *, combined: bool, limit: int) -> None:
        self.names: dict[str, None] = dict.fromkeys(names)
        self.combined = combined
        self._limit = limit

    def reply(self, text: str) -> bytes:
        """The answer to one control message, after doing what it says."""
        try:
            message = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as broken:
            return _error(3, f"Invalid JSON: {broken}", None)
        number = message.get("id") if isinstance(message, dict) else None
        if number is not None and (type(number) is not int or number < 0):
            return _error(2, "Invalid request: request ID must be an unsigned integer", None)
        try:
            result = self._apply(message)
        except Refused as refused:
            return _error(refused.code, refused.reason, number)
        return msgspec.json.encode({"result": result, "id": number})

    def _apply(self, message: object) -> list[str] | bool | None:
        if not isinstance(message, dict):
            raise Refused(2, "Invalid request: expected an object")
        method = message.get("method")
        if method is None:
            raise Refused(2, "Invalid request: missing field `method`")
        if method not in _METHODS:
            raise Refused(2, f"Invalid request: unknown variant `{method}`, expected one of {', '.join(_METHODS)}")
        if method == "LIST_SUBSCRIPTIONS":
            return list(self.names)
        params = message.get("params")
        if method.endswith("_PROPERTY"):
            return self._property(method, params)
        self._change(method, params)
        return None

    def _change(self, method: str, params: object) -> None:
        if not isinstance(params, list) or not all(isinstance(p, str) for p in params):
            raise Refused(2, "Invalid request: params must be an array of strings")
        if method == "UNSUBSCRIBE":
            for name in params:
                self.names.pop(name, None)
            return
        wanted = self.names | dict.fromkeys(params)
        if len(wanted) > self._limit:
            raise Refused(2, f"Invalid request: more than {self._limit} streams on one connection")
        self.names = wanted

    def _property(self, method: str, params: Any) -> bool | None:
        if not isinstance(params, list) or not params or not isinstance(params[0], str):
            raise Refused(2, "Invalid request: property name must be a string")
        if len(params) > (2 if method == "SET_PROPERTY" else 1):
            raise Refused(2, "Invalid request: too many parameters")
        if params[0] != "combined":
            raise Refused(0, "Unknown property")
        if method == "GET_PROPERTY":
            return self.combined
        if len(params) != 2 or not isinstance(params[1], bool):
            raise Refused(1, "Invalid value type: expected Boolean")
        self.combined = params[1]
        return None


def _error(code: int, reason: str, number: int | None) -> bytes:
    return msgspec.json.encode({"code": code, "msg": reason} | ({} if number is None else {"id": number}))
