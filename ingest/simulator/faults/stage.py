"""The parts of a running exchange, put together; everything of it that a script can touch."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.simulator.candles import Candles
from ingest.simulator.catalogue import Catalogue
from ingest.simulator.clock import ExchangeClock
from ingest.simulator.endpoints import Endpoints
from ingest.simulator.faults.deliveries import Deliveries
from ingest.simulator.faults.handshakes import Handshakes
from ingest.simulator.faults.mutes import Mutes
from ingest.simulator.faults.rest import RequestLog, ScriptedRest
from ingest.simulator.faults.terms import Terms
from ingest.simulator.market import Market
from ingest.simulator.publisher import Publisher
from ingest.simulator.rest import Rest
from ingest.simulator.rules import Rules
from ingest.simulator.tape import Tape
from ingest.simulator.truth import TruthLog


@dataclass(frozen=True, slots=True)
class Stage:
    """What belongs to the exchange's event loop."""

    rules: Rules
    clock: ExchangeClock
    start_speed: float
    market: Market
    tape: Tape
    catalogue: Catalogue
    deliveries: Deliveries
    mutes: Mutes
    terms: Terms
    publisher: Publisher
    log: RequestLog
    rest: ScriptedRest
    handshakes: Handshakes


def set_up(seed: int, rules: Rules, clock: ExchangeClock, catalogue: Catalogue, truth: TruthLog | None) -> Stage:
    """Everything as it is when nothing goes wrong."""
    market = catalogue.market
    candles, tape = Candles(market), Tape(market, clock())
    deliveries, mutes, terms, log = Deliveries(catalogue), Mutes(), Terms.of(rules), RequestLog()
    publisher = Publisher(seed, market, candles, tape, truth, clock, catalogue, deliveries, mutes, terms)
    endpoints = Endpoints(seed, market, candles, tape, rules, clock, catalogue, terms)
    return Stage(
        rules=rules,
        clock=clock,
        start_speed=clock.speed,
        market=market,
        tape=tape,
        catalogue=catalogue,
        deliveries=deliveries,
        mutes=mutes,
        terms=terms,
        publisher=publisher,
        log=log,
        rest=ScriptedRest(Rest(endpoints, rules, clock).reply, clock, log),
        handshakes=Handshakes(),
    )
