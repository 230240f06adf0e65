"""REST answers and refusals, as the exchange words them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

JSON = "application/json;charset=UTF-8"
HTML_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>"
    b"<body><h1>Sign in to this network</h1><p>To go on, accept the terms.</p></body></html>\n"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status, body, extra headers.

    sent: "half" of the announced body and then the end of the connection, or "nothing" at all before it.
    """

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON
    sent: Literal["whole", "half", "nothing"] = "whole"


class Refusal(Exception):
    """A request that is answered with `{"code", "msg"}`."""

    def __init__(self, code: int, reason: str, status: int = 400) -> None:
        self.code = code
        self.reason = reason
        self.status = status
        super().__init__(reason)

    def reply(self) -> Reply:
        """The refusal as an HTTP answer."""
        return Reply(self.status, msgspec.json.encode({"code": self.code, "msg": self.reason}))


def json_reply(value: object) -> Reply:
    """A value as an HTTP answer."""
    return Reply(200, msgspec.json.encode(value))
