"""Handshakes that are not let in."""

from __future__ import annotations

from contextlib import suppress

import pytest

from ingest.simulator import LocalExchange
from tests.ingest.simulator.conftest import RestClient, wait_until
from tests.ingest.simulator.faults.conftest import TRADES, Knock, Raw


def answer(raw: Raw) -> bytes:
    heard = b""
    with suppress(ConnectionResetError):
        while data := raw.socket.recv(65_536):
            heard += data
    return heard


def test_a_refused_handshake_is_a_reset_and_rest_goes_on(
    exchange: LocalExchange, knock: Knock, rest: RestClient
) -> None:
    exchange.faults.door(how="refuse")
    with pytest.raises(ConnectionResetError):
        knock(TRADES).socket.recv(1)
    assert rest.rows("/fapi/v1/ping") == {}
    exchange.faults.door(how="open")
    knock(TRADES).shake()


def test_a_hanging_handshake_gets_no_answer_even_when_the_door_is_open_again(
    exchange: LocalExchange, knock: Knock
) -> None:
    exchange.faults.door(how="hang")
    waiting = knock(TRADES)
    assert waiting.is_silent()
    exchange.faults.clear()
    knock(TRADES).shake()
    assert waiting.is_silent()
    assert exchange.connections() == 1


@pytest.mark.parametrize("status", [403, 429, 451, 502])
def test_a_status_so_many_times_and_then_open(exchange: LocalExchange, knock: Knock, status: int) -> None:
    exchange.faults.door(how="status", status=status, count=2)
    for used in (1, 2):
        assert answer(knock(TRADES)).startswith(b"HTTP/1.1 %d " % status)
        assert [f["used"] for f in exchange.faults.state()["faults"]] == [used][: 2 - used]
    knock(TRADES).shake()


def test_a_captive_portal_answers_with_a_page(exchange: LocalExchange, knock: Knock) -> None:
    exchange.faults.door(how="html", for_s=60)
    told = answer(knock(TRADES))
    assert told.startswith(b"HTTP/1.1 200 OK")
    assert b"text/html" in told
    assert told.rstrip().endswith(b"</html>")


def test_a_door_opens_by_itself_after_its_time(exchange: LocalExchange, knock: Knock) -> None:
    exchange.faults.door(how="refuse", for_s=0.1)
    wait_until(lambda: not exchange.faults.state()["faults"])
    knock(TRADES).shake()
