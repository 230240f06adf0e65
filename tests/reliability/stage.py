"""The local exchange with its log, and a data folder beside it: where a product is put to the test, then judged."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest.simulator import LocalExchange
from ingest.simulator.rules import Rules
from ingest.weight import WeightBudget
from services.clock import SystemClock
from services.market import Market
from services.opening import open_live
from services.ports import Clock
from settings import Settings
from tests.fakes import wait_until
from tests.reliability.checker import Question, Verdict, check
from tests.reliability.seen import Seen, seen_in_market

PAIR = ("BTCUSDT", "ETHUSDT")
# Tests start the product more often a minute than anybody would; its manners are another test's subject.
GENEROUS = 1_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the ledger of holes."""

    symbol: str
    first_id: int
    last_id: int
    state: str
    cause: str


class Stage:
    """Holds what outlives a product: the exchange, the log, the folder. more: arguments of LocalExchange."""

    def __init__(self, folder: Path, *, seed: int, symbols: tuple[str, ...] = PAIR, **more: Any) -> None:
        self.folder = folder
        self.seed = seed
        self.symbols = symbols
        self.truth = folder / "truth.csv"
        self._published_from: dict[str, int] = {}
        self.data_dir = folder / "data"
        self._is_paused = False
        self._untold: list[tuple[str, int, int]] = []
        self.exchange = self._new_exchange(**more)

    def __enter__(self) -> Self:
        self.exchange.start()
        listed = self.exchange.symbols()
        self._published_from = {s: self.exchange.newest_id(s) + 1 for s in self.symbols if s in listed}
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.exchange.stop()

    def restart_exchange(self, **more: Any) -> None:
        """The same market again, on the same log. What it published while it was away is told by the model later."""
        newest = {symbol: self.exchange.newest_id(symbol) for symbol in self._published_from}
        self.exchange.stop()
        self.exchange = self._new_exchange(**more)
        self.exchange.start()
        self._is_paused = False
        self._untold += [(symbol, last + 1, self.exchange.newest_id(symbol)) for symbol, last in newest.items()]

    def _new_exchange(self, **more: Any) -> LocalExchange:
        rules = more.pop("rules", None) or Rules(weight_per_minute=GENEROUS)
        return LocalExchange(seed=self.seed, truth_path=self.truth, rules=rules, **more)

    def untold(self, symbol: str, first: int, last: int) -> Iterator[str]:
        """Lines of a log, from the model of the market instead of from the running exchange."""
        told = LocalExchange(seed=self.seed).truth(symbol, first, last)
        columns = (told.trade_id, told.price, told.quantity, told.first_fill, told.last_fill, told.time_ms)
        for row, maker in zip(
            zip(*(column.tolist() for column in columns), strict=True), told.buyer_is_maker.tolist(), strict=True
        ):
            yield f"{symbol},{','.join(map(str, row))},{str(maker).lower()}\n"

    def _prehistory(self) -> Path:
        """A second log, of what is stored from before the first, and of what was published while nobody wrote it."""
        path = self.folder / "prehistory.csv"
        first_stored = first_ids(self.database)
        with path.open("w", encoding="ascii") as log:
            for symbol, published_from in self._published_from.items():
                log.writelines(self.untold(symbol, first_stored.get(symbol, published_from), published_from - 1))
            for symbol, first, last in self._untold:
                log.writelines(self.untold(symbol, first, last))
        return path

    @property
    def database(self) -> Path:
        return self.data_dir / "127.0.0.1.db"

    def settings(self, **changes: Any) -> Settings:
        options: dict[str, Any] = {
            "source": "live",
            "symbols": ",".join(self.symbols),
            "data_dir": self.data_dir,
            "market_ws_url": self.exchange.market_ws_url,
            "public_ws_url": self.exchange.public_ws_url,
            "rest_url": self.exchange.rest_url,
            "history_minutes": 0,
        }
        return Settings(**(options | changes))

    def environment(self) -> dict[str, str]:
        """For a product in a process of its own."""
        return {
            "PAIRWATCH_MARKET_WS_URL": self.exchange.market_ws_url,
            "PAIRWATCH_PUBLIC_WS_URL": self.exchange.public_ws_url,
            "PAIRWATCH_REST_URL": self.exchange.rest_url,
            "PAIRWATCH_SYMBOLS": ",".join(self.symbols),
        }

    def caught_up(self, seen: Mapping[str, Seen]) -> bool:
        """Whether everything published is committed and no hole is open. Means most while the market stands still."""
        return all(
            symbol in seen and seen[symbol].gaps_open == 0 and seen[symbol].last_id == self.exchange.newest_id(symbol)
            for symbol in self.symbols
        )

    def quiesce(self, look: Callable[[], Mapping[str, Seen]], *, within_s: float = 60.0) -> None:
        """Wait until the product follows, let the market stand still, and wait until the product has all of it."""
        reached = {symbol: self.exchange.newest_id(symbol) for symbol in self.symbols if not self._is_paused}

        def follows() -> bool:
            seen = look()
            return all(symbol in seen and (seen[symbol].last_id or 0) > last for symbol, last in reached.items())

        wait_until(follows, what=f"newer trades than {reached} are stored", within_s=within_s)
        self.exchange.pause()
        self._is_paused = True
        wait_until(lambda: self.caught_up(look()), what="everything published is stored", within_s=within_s)

    def ledger(self) -> list[Listed]:
        """The rows of the ledger, from a database that nobody writes."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            query = "SELECT name, first_id, last_id, state, cause FROM gaps JOIN symbols USING (symbol_id)"
            return [Listed(*row) for row in connection.execute(f"{query} ORDER BY gap_id").fetchall()]

    def asked(self) -> list[tuple[str, str, int]]:
        """The REST requests so far: path, query, status."""
        log = self.exchange.faults.state()["rest"]["log"]
        return [(path, query, status) for _at_ms, path, query, status in log]

    def verdict(self, **changes: Any) -> Verdict:
        """Stop the exchange, which completes the log, and judge. The product has been stopped before."""
        self.exchange.stop()
        logs = (self.truth, self._prehistory())
        verdict = check(Question(logs, self.database, symbols=self.symbols, seed=self.seed, **changes))
        sys.stdout.write(verdict.line() + "\n")
        return verdict


class Inside:
    """The market of the product, without its web server, in this process."""

    def __init__(
        self, stage: Stage, *, clock: Clock | None = None, budget: WeightBudget | None = None, **options: Any
    ) -> None:
        self._stage = stage
        budget = budget or WeightBudget(per_minute=GENEROUS)
        self.market: Market = open_live(stage.settings(**options), clock or SystemClock(), lambda _symbol: None, budget)

    def __enter__(self) -> Self:
        self.market.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.market.stop()

    def seen(self) -> dict[str, Seen]:
        return seen_in_market(self.market.status())

    def is_live(self) -> bool:
        """Every symbol delivers and has something stored."""
        seen = self.seen()
        return all(
            symbol in seen and seen[symbol].state == "LIVE" and seen[symbol].last_id is not None
            for symbol in self._stage.symbols
        )

    def until_live(self, *, within_s: float = 60.0) -> None:
        wait_until(self.is_live, what=f"every symbol is LIVE: {self.seen()}", within_s=within_s)


def first_ids(database: Path) -> dict[str, int]:
    """The oldest stored id of each symbol, from a database that nobody has open."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        query = "SELECT name, min(trade_id) FROM symbols JOIN ticks USING (symbol_id) GROUP BY name"
        return dict(connection.execute(query).fetchall())
