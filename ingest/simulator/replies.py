"""REST answers and refusals, as the exchange words them."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status, JSON body, extra headers."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


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
