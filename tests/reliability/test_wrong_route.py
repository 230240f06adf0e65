"""Row 4 of the fault matrix: acknowledged on a route that never delivers."""

from __future__ import annotations

from pathlib import Path

from tests.fakes import wait_until
from tests.reliability.stage import Inside, Stage


def test_row_04_a_wrong_route_is_never_live_and_told(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=4) as stage:
        unrouted = stage.exchange.market_ws_url.removesuffix("/market")
        with Inside(stage, market_ws_url=unrouted) as product:
            told = "wrong route or unknown symbol"
            wait_until(
                lambda: all(told in (one.reason or "") for one in product.seen().values()), what=told, within_s=40
            )
            assert {one.state for one in product.seen().values()} == {"MUTE"}
            # What the route does not tell, REST does.
            wait_until(
                lambda: all(one.ticks_stored for one in product.seen().values()), what="trades over REST", within_s=40
            )
            assert {one.state for one in product.seen().values()} == {"MUTE"}
