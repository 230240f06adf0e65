"""Every option of the product, in one frozen table: flags, PAIRWATCH_* environment variables, and `.env`.

Read once at start. A flag wins over the environment, the environment over `.env`.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Self, get_args
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

VERSION = "0.1.0"
_HOME = Path(__file__).resolve().parent
_SYMBOL = re.compile(r"[A-Z0-9]{2,30}")
LOOPBACK = ("127.0.0.1", "localhost", "::1")

SourceChoice = Literal["auto", "live", "demo", "replay"]


class BadSetting(Exception):
    """An option that cannot be used. The message is one sentence with the cure."""


class Settings(BaseSettings):
    """The options. Each field's description is its help text."""

    model_config = SettingsConfigDict(
        env_prefix="PAIRWATCH_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    source: SourceChoice = Field(
        "auto",
        description="where trades come from: auto tries Binance and opens the demo market while it cannot be reached",
    )
    replay: Path | None = Field(
        None,
        description="recorded frames to play, plain or .gz (sets --source replay)",
        json_schema_extra={"of": "FILE"},
    )
    speed: float | Literal["max"] = Field(
        1.0,
        description="how many times faster than recorded a replay runs: 1 to 100, or max",
        json_schema_extra={"of": "N"},
    )
    symbols: Annotated[tuple[str, ...], NoDecode] = Field(
        ("BTCUSDT", "ETHUSDT"),
        description="symbols to collect from the start, separated by commas; the first two are the first pair",
        json_schema_extra={"of": "A,B,..."},
    )
    host: str = Field("127.0.0.1", description="address to listen on; loopback only")
    port: int = Field(8050, ge=1, le=65535, description="TCP port to listen on")
    data_dir: Path = Field(
        _HOME / "data", description="folder for the databases", json_schema_extra={"of": "DIR", "default": "./data"}
    )
    no_browser: bool = Field(default=False, description="do not open a browser tab")
    seed: int = Field(1, ge=0, le=2**31 - 1, description="seed of the demo market: the same seed, the same prices")
    market_ws_url: str = Field(
        "wss://fstream.binance.com/market", description="WebSocket address of the market route (aggTrade, markPrice)"
    )
    public_ws_url: str = Field(
        "wss://fstream.binance.com/public", description="WebSocket address of the public route (bookTicker)"
    )
    rest_url: str = Field("https://fapi.binance.com", description="REST address of the exchange")
    history_minutes: int = Field(
        30,
        ge=0,
        le=2880,
        description="minutes of trades to fetch behind the first one at start, up to the exchange's 48 h",
    )
    keep_days: float = Field(
        30.0, ge=0, description="days of trades to keep; older ones are removed bit by bit (0: for ever)"
    )
    keep_gib: float = Field(
        20.0, ge=0, description="GiB that a database may take on the disk; the oldest trades go first (0: no limit)"
    )
    spare_mib: int = Field(
        500, ge=0, description="MiB of free disk to leave alone: below it trades wait in memory and nothing is written"
    )
    renew_minutes: float = Field(
        1380.0,
        gt=0,
        le=1435,
        description="minutes after which a connection is renewed without loss, before the exchange cuts it at 24 h",
    )
    ring_ticks: int = Field(20_000, ge=1_000, le=10_000_000, description="newest trades of each symbol held in memory")
    beats_per_s: float = Field(10.0, gt=0, le=20, description="how often the metrics are computed at most, per second")
    allow_local_webhooks: bool = Field(
        default=False, description="let alerts be sent to this machine and to private networks, also by plain http"
    )

    @field_validator("symbols", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part for part in value.upper().replace(" ", "").split(",") if part] if isinstance(value, str) else value

    @field_validator("symbols")
    @classmethod
    def _named_like_symbols(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for symbol in value:
            if not _SYMBOL.fullmatch(symbol):
                raise ValueError(f"{symbol!r} is not a symbol; write it as the exchange does, such as BTCUSDT")
        if not value:
            raise ValueError("name at least one symbol, such as BTCUSDT,ETHUSDT")
        return tuple(dict.fromkeys(value))

    @field_validator("speed")
    @classmethod
    def _in_bounds(cls, value: float | Literal["max"]) -> float | Literal["max"]:
        if value != "max" and not 1 <= value <= 100:
            raise ValueError("choose a number from 1 to 100, or max")
        return value

    @field_validator("host")
    @classmethod
    def _loopback(cls, value: str) -> str:
        if value not in LOOPBACK:
            raise ValueError(
                "Pairwatch has no login yet and listens on this machine only; use 127.0.0.1, and reach it from "
                "elsewhere through an SSH tunnel"
            )
        return value

    @field_validator("market_ws_url", "public_ws_url", "rest_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"ws", "wss", "http", "https"} or not parts.hostname:
            raise ValueError("give a full address, such as https://fapi.binance.com")
        return value.rstrip("/")

    @field_validator("data_dir", "replay")
    @classmethod
    def _expanded(cls, value: Path | None) -> Path | None:
        return value.expanduser() if value is not None else None

    @model_validator(mode="after")
    def _replay_has_a_file(self) -> Self:
        if self.source == "replay" and self.replay is None:
            raise ValueError("--source replay needs a recording; add --replay FILE")
        if self.replay is not None and self.source not in {"auto", "replay"}:
            raise ValueError(f"--replay FILE and --source {self.source} exclude each other; leave one out")
        return self

    @property
    def chosen_source(self) -> SourceChoice:
        """`source`, or replay where a recording was given."""
        return "replay" if self.replay is not None else self.source

    @property
    def first_pair(self) -> tuple[str, str]:
        """The pair that a visitor sees first: y, x."""
        return (self.symbols[0], self.symbols[1] if len(self.symbols) > 1 else self.symbols[0])


def has_display() -> bool:
    """Whether a browser tab can be opened: elsewhere `webbrowser` would take over the terminal."""
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def read_settings(arguments: Sequence[str]) -> Settings:
    """Settings from the command line and the environment. Raises BadSetting with one sentence that names the cure."""
    given = vars(_parser().parse_args(arguments))
    given.pop("version", None)
    try:
        return Settings(**given)
    except ValidationError as error:
        raise BadSetting(_sentence(error.errors()[0])) from error


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadSetting(f"{message}; see python app.py --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python app.py",
        description="Pairwatch: a local dashboard for real-time pair trading on Binance USD-M futures.",
        epilog="Every option can also be given as PAIRWATCH_<NAME> in the environment or in a file .env, such as "
        "PAIRWATCH_DATA_DIR or PAIRWATCH_REST_URL. Commands: python app.py doctor | backup FILE | restore FILE | "
        "import FILE...; each knows --help (docs/commands.md).",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"Pairwatch {VERSION}")
    for name, field in Settings.model_fields.items():
        extra: dict[str, Any] = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        option, text = f"--{name.replace('_', '-')}", field.description or ""
        if field.annotation is bool:
            parser.add_argument(option, dest=name, action="store_true", help=text)
            continue
        default = extra.get("default", field.default)
        shown = ",".join(default) if isinstance(default, tuple) else default
        choices = get_args(SourceChoice) if name == "source" else None
        parser.add_argument(
            option,
            dest=name,
            choices=choices,
            metavar=None if choices else extra.get("of", name.upper() if field.annotation is str else "N"),
            help=text if shown is None else f"{text} (default: {shown})",
        )
    return parser


def _sentence(fault: Any) -> str:
    where = fault["loc"][0] if fault["loc"] else None
    text = str(fault["msg"]).removeprefix("Value error, ")
    if where is None:
        return text
    return f"--{str(where).replace('_', '-')}: {text[0].lower() + text[1:] if text[1:2].islower() else text}"
